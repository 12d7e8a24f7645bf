"""Every code of a finding has its page in the site, at the address that findings name."""

from svcops.checking.registry import codes, rule


def test_every_rule_is_listed_and_has_its_page(portal):
    pages = portal.build()
    listed = pages["checks.html"].text
    for code in codes():
        assert code in listed
        assert rule(code).title in pages[f"checks/{code}.html"].one("h1").text


def test_a_page_shows_both_examples_with_the_names_of_their_files(portal):
    page = portal.build()["checks/REF001.html"]
    assert page.text.count("catalogue/services/payroll.yaml") == 2
    assert "owner: opperations" in page.text
    assert "owner: operations" in page.text


def test_every_page_leads_to_the_list(portal):
    for page in portal.build().values():
        assert "What the check finds" in page.one("footer").text
