"""A store's own templates over the built-in ones, and what happens when they are broken."""

import pytest


def test_the_landscape_says_whom_to_turn_to_in_every_foot(landscape):
    for page in landscape.build().values():
        foot = page.one("footer").text
        assert "Something is wrong with the business suite? Operations, operations@example.com" in foot


def test_without_a_template_of_its_own_a_store_has_the_built_in_foot(portal):
    assert "Something is wrong" not in portal.build()["index.html"].text


def test_any_page_and_the_style_can_be_overridden(portal):
    portal.store.write(
        "templates/site/teams.html", "<!DOCTYPE html><html><body><p>{{ page.title }} <x>{{ site.name }}</x></p>"
    )
    portal.store.write("templates/site/style.css", "{# body {} #} {{ x }}")
    portal.store.write("svcops.yaml", "organisation: A & B\n")
    portal.build()
    assert (portal.site / "teams.html").read_text(encoding="utf-8").endswith("<p>Teams <x>A &amp; B</x></p>")
    assert (portal.site / "style.css").read_text(encoding="utf-8") == "{# body {} #} {{ x }}"


@pytest.mark.parametrize(
    ("template", "source", "place"),
    [
        ("contact.html", "\n{% if %}", "templates/site/contact.html:2: "),
        ("contact.html", "\n\n{{ nothing }}", "templates/site/contact.html:3: 'nothing' is undefined"),
        ("contact.html", "{{ 1/0 }}", "templates/site/contact.html:1: ZeroDivisionError: division by zero"),
        ("contact.html", "{{ site.name.__class__.mro() }}", "templates/site/contact.html:1: access to attribute"),
        ("contact.html", "{{ ''.join.__globals__ }}", "templates/site/contact.html:1: "),
        ("contact.html", "{% include 'site/none.html' %}", "templates/site/contact.html:1: "),
        ("contact.html", "{% include 'site/contact.html' %}", "templates/site/contact.html:1: RecursionError"),
        ("contact.html", "{% include '../svcops.yaml' %}", "templates/site/contact.html:1: "),
        (
            "index.html",
            "{% extends 'site/base.html' %}\n{% block main %}{{ content.nothing }}{% endblock %}",
            "templates/site/index.html:2: ",
        ),
        ("contact.html", b"\xff", "templates/site/contact.html"),
        ("style.css", b"\xff", "templates/site/style.css"),
    ],
)
def test_a_broken_template_is_named_with_its_place(portal, template, source, place):
    portal.store.write(f"templates/site/{template}", source)
    done = portal.run("site", "build", "--out", str(portal.site), "--at", "2026-11-23T00:00Z")
    assert done.status == 2
    assert f"error: {place}" in done.err
    assert "Mend the template" in done.err
    assert not portal.site.exists()


@pytest.mark.parametrize("place", ["site/contact.html", "site", "more"])
@pytest.mark.parametrize("target", ["../outside", ".git"])
def test_a_template_that_is_a_link_out_of_the_store_publishes_nothing(portal, place, target):
    (portal.root.parent / "outside").mkdir(exist_ok=True)
    link = portal.root / "templates" / place
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(portal.root / target)
    done = portal.run("site", "build", "--out", str(portal.site))
    assert done.status == 2
    assert f"templates/{place}: a symbolic link that leaves the store" in done.err
    assert not portal.site.exists()


def test_a_template_may_be_a_link_inside_the_store(portal):
    portal.store.write("templates/shared.html", "Shared")
    (portal.root / "templates/site").mkdir()
    (portal.root / "templates/site/contact.html").symlink_to("../shared.html")
    assert portal.build()["index.html"].one("footer").text.strip().startswith("Shared")


def test_a_template_cannot_read_files_or_change_what_it_is_given(portal):
    portal.store.write("templates/site/contact.html", "{% set _ = page.nav.append(1) %}")
    done = portal.run("site", "build", "--out", str(portal.site))
    assert done.status == 2
    portal.store.write("templates/site/contact.html", "{{ page.content.__init__ }}")
    assert portal.run("site", "build", "--out", str(portal.site)).status == 2
