"""A service catalogue in GitLab's form: services and teams become records, its kinds of tier are no criticality."""

import pytest

from svcops.store.yaml_reading import compose

SERVICES = """\
tiers:
  - name: sv
  - name: db
services:
  - name: web
    friendly_name: The web pages
    tier: sv
    label: Web
    owner: front:pages
    teams:
      - Front Pages
      - gone
    business:
      SLA:
        overall_sla_weighting: 5
    technical:
      project:
        - https://git.example.com/web
      documents:
        design:
        architecture: https://docs.example.com/architecture
        sre_guide: https://docs.example.com/runbooks
        service:
          - https://docs.example.com/1
          - https://docs.example.com/2
      dependencies:
        - service: main_db
        - service: haproxy
        - service:
      logging:
        - name: Rails
          permalink: https://logs.example.com/1
        - name:
          permalink:
    observability:
      monitors:
        primary_grafana_dashboard: web/overview
        sentry_slug:
  - name: main_db
    friendly_name: Database
    tier: db
    label: DB
    owner: storage
    technical:
      logging:
        - name:
          permalink:
"""
TEAMS = """\
teams:
- name: front:pages
  url: https://handbook.example.com/front
  manager: ada
  slack_channel: g_front
  slack_alerts_channel: front-alerts
  engagement_policy:  # nothing yet
  ignored_components:
  - graphql_query
- name: storage
  slack_alerts_channel: storage
- name: Front Pages
"""


def record(console, path):
    return compose(console.store.read(path), path).documents[0]


@pytest.fixture
def catalogue(empty):
    """The names of a file of services and a file of teams."""
    empty.store.write("../services/service-catalog.yml", SERVICES)
    empty.store.write("../services/teams.yml", TEAMS)
    return "../services/service-catalog.yml", "../services/teams.yml"


def test_services_and_teams_become_records(empty, catalogue):
    empty("import", "gitlab-catalog", *catalogue)
    assert record(empty, "catalogue/services/web.yaml") == {
        "title": "The web pages",
        "owner": "front-pages",
        "lifecycle": "unknown",
        "dependencies": [{"service": "main_db"}, {"service": "haproxy"}],
        "links": [
            {"url": "https://git.example.com/web", "title": "Source", "type": "repository"},
            {"url": "https://docs.example.com/architecture", "title": "Architecture", "type": "architecture"},
            {"url": "https://docs.example.com/runbooks", "title": "SRE guide", "type": "sre-guide"},
            {"url": "https://docs.example.com/1", "title": "Documentation", "type": "service"},
            {"url": "https://docs.example.com/2", "title": "Documentation", "type": "service"},
            {"url": "https://logs.example.com/1", "title": "Logs: Rails", "type": "logs"},
        ],
        "annotations": {
            "gitlab.com/tier": "sv",
            "gitlab.com/label": "Web",
            "gitlab.com/teams": '["Front Pages", "gone"]',
            "gitlab.com/business": '{"SLA": {"overall_sla_weighting": 5}}',
            "gitlab.com/observability": '{"monitors": {"primary_grafana_dashboard": "web/overview"}}',
            "gitlab.com/owner": "front:pages",
        },
    }
    assert record(empty, "catalogue/teams/front-pages.yaml") == {
        "title": "front:pages",
        "contacts": [{"channel": "chat", "address": "#g_front"}, {"channel": "chat", "address": "#front-alerts"}],
        "annotations": {
            "gitlab.com/name": "front:pages",
            "gitlab.com/url": "https://handbook.example.com/front",
            "gitlab.com/manager": "ada",
            "gitlab.com/slack_alerts_channel": "front-alerts",
            "gitlab.com/ignored_components": '["graphql_query"]',
        },
    }


def test_a_channel_for_alerts_that_changed_there_comes_before_the_one_that_it_was(empty, catalogue):
    empty("import", "gitlab-catalog", *catalogue)
    empty.store.write("../services/teams.yml", TEAMS.replace("front-alerts", "front-page"))
    said = empty("import", "gitlab-catalog", *catalogue, "--update")
    team = record(empty, "catalogue/teams/front-pages.yaml")
    assert [one["address"] for one in team["contacts"]] == ["#g_front", "#front-page", "#front-alerts"]
    assert team["annotations"]["gitlab.com/slack_alerts_channel"] == "front-page"
    assert "catalogue/teams/front-pages.yaml  contacts: chat #front-alerts\n" in said.out


def test_the_plan_names_what_leads_nowhere_and_what_is_named_twice(empty, catalogue):
    said = empty("import", "gitlab-catalog", *catalogue, "--dry-run")
    assert (
        said.out
        == """\
Places are below ../services/

To add:
  service main_db   catalogue/services/main_db.yaml   service-catalog.yml:39
  service web       catalogue/services/web.yaml       service-catalog.yml:5
  team front-pages  catalogue/teams/front-pages.yaml  teams.yml:2
  team storage      catalogue/teams/storage.yaml      teams.yml:10

Defined more than once, the first is kept (1 name, 2 entities):
  team front-pages  teams.yml:2 teams.yml:12

Lead nowhere (1 teams, 1 dependencies):
  service web  teams: gone            service-catalog.yml:12
  service web  dependencies: haproxy  service-catalog.yml:28

Not imported:
  key tiers  service-catalog.yml:2  its tiers are kinds of services; each service keeps the name of its own as an annotation

No field here, kept as annotations of the records:
  gitlab.com/business              1
  gitlab.com/ignored_components    1
  gitlab.com/label                 2
  gitlab.com/manager               1
  gitlab.com/name                  1
  gitlab.com/observability         1
  gitlab.com/owner                 1
  gitlab.com/slack_alerts_channel  2
  gitlab.com/teams                 1
  gitlab.com/tier                  2
  gitlab.com/url                   1

6 items: 4 to add, 1 defined again, 1 not imported.
"""
    )


def test_the_second_time_nothing_is_written(empty, catalogue):
    empty("import", "gitlab-catalog", *catalogue)
    assert empty.store.log()[0] == "Import 4 records from GitLab's service catalogue"
    before = empty.store.head()
    assert "4 there already" in empty("import", "gitlab-catalog", *catalogue, "--update").out
    assert empty.store.head() == before


def test_a_part_of_a_catalogue_that_is_no_list_of_records_is_told_and_an_empty_one_is_not(empty):
    empty.store.write("../input.yml", "tiers: []\nvendors:\n  - {name: bank}\nteams: [{name: storage}]\n")
    said = empty("import", "gitlab-catalog", "../input.yml")
    assert "Not imported:\n  key vendors  input.yml:3  it has no place in a store\n" in said.out
    assert said.out.splitlines()[-1] == "2 items: 1 to add, 1 not imported."


def test_of_links_that_a_catalogue_gave_up_an_import_tells_and_of_what_it_has_no_words_for_not(empty, catalogue):
    empty("import", "gitlab-catalog", *catalogue)
    path = "catalogue/services/web.yaml"
    empty.store.put(path, empty.store.read(path).replace("owner:", "tags: [ours]\ndescription: Pages.\nowner:", 1))
    empty.store.write("../services/service-catalog.yml", SERVICES.replace("sre_guide: https", "none: https"))
    said = empty("import", "gitlab-catalog", *catalogue)
    assert f"  {path}  links: https://docs.example.com/runbooks\n" in said.out
    assert "ours" not in said.out
    assert "Pages" not in said.out


OWNERLESS = "services: [{name: web, tier: sv}]\nteams: [{name: storage}]\n"


def test_who_answers_for_what_names_no_owner_is_said_never_guessed(empty):
    empty.store.write("../old.yml", OWNERLESS)
    said = empty("import", "gitlab-catalog", "../old.yml", "--dry-run")
    assert "service web  old.yml:1  the key owner is missing" in said.out
    assert "--owner TEAM" in said.err
    empty("import", "gitlab-catalog", "../old.yml", "--owner", "storage")
    assert record(empty, "catalogue/services/web.yaml")["owner"] == "storage"
    assert (
        "neither the store nor the files"
        in empty("import", "gitlab-catalog", "../old.yml", "--owner", "no", code=2).err
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\n", "input.yml:1:1: not a GitLab service catalogue"),
        ("- a\n", "input.yml:1:1: not a GitLab service catalogue"),
        ("services: {a: 1}\n", "input.yml:1:11: services is no list"),
        ("services:\n  - name: a\n  - tier: sv\n", "input.yml:3:5: not a service: it has no name"),
        ("teams: [a]\n", "input.yml:1:9: not a team: it has no name"),
        ("services: [\n", "input.yml:1:11: not YAML"),
    ],
)
def test_what_is_no_catalogue_stops_everything(empty, catalogue, text, where):
    empty.store.write("../input.yml", text)
    said = empty("import", "gitlab-catalog", *catalogue, "../input.yml", code=2)
    assert where in said.err
    assert empty.store.log() == ["Start"]
    assert empty.store.is_clean()


@pytest.mark.parametrize(
    "technical",
    ["text", "[1]", "{project: x}", "{documents: [1], logging: {a: 1}, dependencies: [{service: a, type: b}]}"],
)
def test_what_has_another_shape_than_the_schema_says_is_kept(empty, technical):
    empty.store.write("../input.yml", f"services: [{{name: a, owner: b, technical: {technical}}}]\n")
    empty("import", "gitlab-catalog", "../input.yml")
    assert "gitlab.com/technical" in record(empty, "catalogue/services/a.yaml")["annotations"]
