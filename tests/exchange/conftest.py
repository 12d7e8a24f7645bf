"""A Backstage file of every kind, and svcops on a store with nothing in it."""

import pytest

ENTITIES = """\
# made by hand
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Ledger
  title: The ledger
  description: |
    Keeps the books.
    For ever.
  namespace: finance
  labels: {size: big}
  annotations:
    backstage.io/techdocs-ref: dir:.
    example.com/on-call: "false"
  tags: [java, books]
  links:
    - {url: "https://ledger.example.com", title: For users, icon: web}
spec:
  type: service
  lifecycle: production
  owner: group:default/Books
  system: default/suite
  dependsOn: [component:default/archive, "resource:default/db", component:Default/archive]
  providesApis: [default/postings]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: archive}
spec: {type: service, lifecycle: experimental, owner: "user:ada", dependsOn: [api:postings, gone]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: postings}
spec:
  type: openapi
  lifecycle: production
  owner: books
  system: nowhere
  definition: |
    openapi: 3.1.0
---
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: suite, title: Suite}
spec: {owner: books, domain: money}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: books}
spec:
  type: team
  profile: {displayName: Bookkeepers, email: books@example.com, picture: "https://example.com/p.png"}
  parent: company
  children: []
  members: [Ada, stranger, "user:default/other"]
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec:
  profile: {displayName: Ada Example, email: ada@example.org}
  memberOf: [books]
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: noor}
spec: {profile: {email: no mail}, memberOf: [books, elsewhere]}
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: db}
spec: {type: database, owner: books}
---
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: new-service}
spec: {}
"""


@pytest.fixture
def empty(console, new_store):
    """svcops on a store with nothing but its settings."""
    return type(console)(new_store("empty"))


@pytest.fixture
def entities(empty):
    """The name of a file with entities of every kind, beside the store's records."""
    empty.store.write("../entities.yaml", ENTITIES)
    return "../entities.yaml"
