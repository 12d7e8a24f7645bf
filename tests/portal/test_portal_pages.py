"""What the pages say of the records, and nothing else."""

import pytest

BREACHED = "Receipts are extracted Receipt scanner: 995 of 1,000 receipts, window 28d breached"


def test_the_overview_shows_services_by_tier_with_owner_incidents_and_levels(story):
    page = story.build()["index.html"]
    titles = [one.text for one in page.all("th") if one.attributes["scope"] in ("row", "rowgroup")]
    tiers = [title for title in titles if title.startswith(("Tier", "Run by"))]
    assert tiers == ["Tier 1", "Tier 2", "Run by others"]
    assert page.row("Receipt scanner ").endswith("1 breached none Platform 1 runbook")
    assert "1 met sev3 Payslips are late Finance applications 2 runbooks" in page.row("Payroll ")
    assert "none expected: run by others" in page.row("Bank gateway ")


def test_the_overview_lists_what_is_still_in_the_cycle_and_not_what_is_over(story):
    page = story.build()["index.html"]
    assert "1 incident in the cycle" in page.text
    assert page.row("Payslips are late").endswith("sev3 incident Mon 2026-11-23 05:10 CET Payroll, Ledger")
    assert "Receipts are not extracted" not in page.text


def test_open_incidents_stand_with_the_worst_first(landscape):
    for title, severity in (("Small", "sev4"), ("Worst", "sev1"), ("Odd", "sev3")):
        landscape.svcops(
            "incident", "open", title, "--service", "ledger", "--severity", severity, "--detected-by", "user"
        )
    rows = [one.text for one in landscape.build()["index.html"].all("tr") if "incident" in one.text]
    order = [row.split()[0] for row in rows if row.split()[0] in ("Worst", "Odd", "Small")]
    assert order == ["Worst", "Odd", "Small"]


def test_service_levels_stand_with_the_worst_first_and_with_every_figure(landscape):
    page = landscape.build()["index.html"]
    row = page.row("Receipts are extracted")
    assert row == f"{BREACHED} -117.2 % 98.914 % 99.5 % 30,617 336 30,953"
    slos = [one.attributes["id"] for one in page.all("tr") if one.attributes.get("id", "").startswith("slo-")]
    assert slos[:3] == ["slo-receipt-extraction", "slo-sign-in", "slo-report-delivery"]
    assert len(slos) == 6


def test_a_level_with_exclusions_is_shown_with_the_one_without(landscape):
    landscape.store.write(
        "slo/exclusions/a.yaml",
        "title: Restart\nreason: Agreed\nreviewed_by: noor-voorbeeld\nslos: [receipt-extraction]\n"
        "times: [{from: 2026-11-20T00:00:00Z, until: 2026-11-21T00:00:00Z}]\n",
    )
    row = landscape.build()["index.html"].row("Receipts are extracted")
    assert "28d without exclusions: 98.914 %, breached breached" in row


def test_a_verdict_is_a_word_and_a_shape_not_a_colour_alone(landscape):
    page = landscape.build()["index.html"]
    verdicts = [one for one in page.elements if one.attributes.get("class") == "mark bad"]
    assert {one.text for one in verdicts} == {"1 SLO breached", "1 breached", "breached"}
    shapes = [one.attributes["href"] for one in page.all("use")]
    assert "#page-mark-bad" in shapes
    assert "#page-mark-good" in shapes
    assert len(shapes) == page.source.count('class="mark ')


def test_the_data_is_named_with_its_age_and_digest(landscape):
    page = landscape.build(at="2026-11-23T05:30:00+00:00")["index.html"]
    assert "samples up to Mon 2026-11-23 01:00 CET, 5 h 30 min old" in page.text
    row = page.row("metrics/receipts.csv")
    assert "Mon 2026-11-23 01:00 CET 5 h 30 min old" in row
    assert len(row.split()[-1]) == 64


def test_old_data_is_pointed_out(landscape):
    page = landscape.build(at="2026-11-26T00:00:00+00:00")["index.html"]
    marks = [one.text for one in page.elements if one.attributes.get("class") == "mark warn"]
    assert "samples up to Mon 2026-11-23 01:00 CET, 3 d old" in marks


def test_a_level_without_samples_is_unknown_and_says_why(landscape):
    page = landscape.build(at="2027-06-01T00:00:00+00:00")["index.html"]
    row = page.row("Receipts are extracted")
    reason = 'no samples of receipts_total{service="receipt-scanner"} in the window'
    assert row.endswith(f"28d {reason} not enough data unknown unknown 99.5 % unknown unknown unknown")
    assert "6 SLOs not enough data" in page.text


def test_an_slo_that_cannot_be_worked_out_says_why_and_hides_no_other(landscape):
    (landscape.root / "metrics/receipts.csv").unlink()
    done = landscape.run("site", "build", "--out", str(landscape.site), "--at", "2026-11-23T00:00Z")
    assert done.status == 2
    assert "not worked out: slo/sources.yaml: DataSource receipt-samples" in done.err
    page = landscape.pages()["index.html"]
    row = page.row("Receipts are extracted")
    assert "28d slo/sources.yaml: DataSource receipt-samples: spec.connectionDetails.path: no file matches" in row
    assert row.endswith("not computed unknown unknown 99.5 % unknown unknown unknown")
    assert " met " in page.row("Sign-ins succeed")
    assert "not computed" in landscape.pages()["services/receipt-scanner.html"].row("Hand in the photo")


def test_a_wrong_slo_has_an_unknown_target(landscape):
    text = landscape.store.read("slo/identity.yaml").replace("target:", "targetPercent: 99\n      target:")
    landscape.store.write("slo/identity.yaml", text)
    row = landscape.build(status=2)["index.html"].row("Sign-ins succeed")
    assert "not computed" in row
    assert row.endswith("unknown unknown unknown unknown unknown unknown")


def test_a_service_says_who_answers_and_what_it_needs(landscape):
    page = landscape.build()["services/payroll.html"]
    assert page.one("h1").text == "Payroll"
    assert page.href("+49 30 23125 120") == "tel:+493023125120"
    assert page.href("finance-applications@example.com") == "mailto:finance-applications@example.com"
    assert page.leads_to(page.href("Max Specimen")) == ("teams.html", "person-max-specimen")
    assert "Operations Keeps the business suite running" in page.text
    assert page.row("Bank gateway").startswith("Bank gateway critical call without it wages")
    assert page.row("Ledger").startswith("Ledger not critical event")
    assert page.row("Run the payroll").startswith("Run the payroll and open a payslip met Payslips are produced")
    assert page.leads_to(page.href("Payslips are produced")) == ("index.html", "slo-payslip-production")


def test_a_service_says_what_needs_it(landscape):
    page = landscape.build()["services/bank-gateway.html"]
    assert page.row("Payroll critical").startswith("Payroll critical call without it")
    assert page.row("Ledger not").startswith("Ledger not critical data")
    assert "It is not recorded as needing any other service." in page.text


def test_a_service_lists_its_incidents_and_measures(story):
    page = story.build()["services/receipt-scanner.html"]
    rows = [" ".join(one.text.split()) for one in page.all("tr")]
    assert any(row.endswith("sev1, major normal operations Wed 2026-11-18 09:31 CET Receipt scanner") for row in rows)
    assert "anchored in runbooks/receipt-scanner/extraction-failing.md" in page.row("The runbook names")


def test_a_known_error_and_its_workaround_stand_on_the_pages_of_its_service_and_of_its_open_incidents(landscape):
    said = landscape.svcops
    opened = ("--quiet", "incident", "open", "Postings stall", "--service", "ledger", "--severity", "sev3")
    incident, other = (said(*opened, "--detected-by", "user") for _ in range(2))
    problem = said("--quiet", "problem", "open", "The close blocks postings", "--incident", incident)
    said("problem", "workaround", problem, "Restart the <worker>")
    pages = landscape.build()
    assert "Known errors" not in pages["services/ledger.html"].text, "it is still investigated"
    assert "Restart the <worker>" in pages[f"incidents/{incident}.html"].row("The close blocks")
    assert "Restart" not in pages[f"incidents/{other}.html"].text
    said("problem", "known-error", problem)
    pages = landscape.build()
    for page in ("services/ledger", f"incidents/{incident}", f"incidents/{other}"):
        assert pages[f"{page}.html"].row("The close blocks").endswith("known error Restart the <worker>")
    assert f"{problem[-6:]} The close blocks postings (known error)" in pages[f"incidents/{incident}.html"].text
    said("incident", "resolve", other)
    said("incident", "close", other, "--no-measure-because", "Known")
    assert "Restart" not in landscape.build()[f"incidents/{other}.html"].text


def test_what_the_catalogue_does_not_know_is_said(portal):
    portal.service(
        "lonely", "title: Lonely\nowner: nobody\ndependencies: [{service: ghost}]\nlinks: [{url: no-address}]\n"
    )
    pages = portal.build()
    page = pages["services/lonely.html"]
    assert "nobody (no such team or person): how to reach them is unknown." in page.text
    assert page.row("ghost") == "ghost (no such service) critical call not said"
    assert "Tier unknown" in pages["index.html"].text
    assert "no-address: no-address" in page.text


def test_a_runbook_is_rendered_with_its_links_mended(landscape):
    pages = landscape.build()
    page = pages["runbooks/payroll/payslips-failing.html"]
    assert [one.text for one in page.all("h2")][:3] == ["Meaning", "Impact", "Diagnosis"]
    assert page.leads_to(page.href("Payroll run")) == ("runbooks/payroll/payroll-run.html", "")
    assert page.leads_to(page.href("Diagnosis")) == ("runbooks/payroll/payslips-failing.html", "diagnosis")
    run = pages["runbooks/payroll/payroll-run.html"]
    assert run.leads_to(run.href("Finance applications")) == ("teams.html", "team-finance-applications")
    assert any(one.text.startswith("export PERIOD") for one in page.all("pre"))


def test_an_alert_leads_to_its_runbook(landscape):
    page = landscape.build()["runbooks.html"]
    row = page.row("Receipts are not extracted")
    assert row == "Receipts are not extracted operation Receipt scanner ReceiptExtractionBudgetBurn"


def test_an_incident_has_its_clocks_timeline_and_what_came_of_it(story):
    pages = story.build()
    (path,) = (one for one in pages if one.startswith("incidents/") and "20261118" in one)
    page = pages[path]
    assert page.row("time to resolve").startswith("time to resolve 3 h 16 min impact started Wed 2026-11-18 09:15 CET")
    timeline = next(one.text for one in page.all("ol") if one.attributes["class"] == "timeline")
    assert " ".join(timeline.split()).startswith("09:15 Impact started Robin Sample")
    assert "12:05 Rolled back to 4.2.0 Robin Sample" in page.text
    assert [one.text for one in page.all("li") if one.attributes.get("aria-current") == "step"] == ["normal operations"]
    times = [one.attributes["datetime"] for one in page.all("time")]
    assert "2026-11-18T12:05:00+01:00" in times
    target, _ = page.leads_to(page.href("Receipts are not extracted"))
    assert target.startswith("postmortems/")
    assert "approved" in page.row("Receipts are not extracted")


def test_clocks_that_are_not_known_are_not_zero(story):
    pages = story.build()
    (path,) = (one for one in pages if one.startswith("incidents/") and "20261123" in one)
    assert pages[path].row("time to detect") == (
        "time to detect unknown impact started unknown detected Mon 2026-11-23 05:10 CET"
    )


def test_a_post_mortem_has_its_text_approvals_and_measures(story):
    pages = story.build()
    (page,) = (page for path, page in pages.items() if path.startswith("postmortems/"))
    assert page.one("title").text == "Post-mortem: Receipts are not extracted · Example Business Suite"
    assert "Contributing factors" in [one.text for one in page.all("h2")]
    assert "Erika Mustermann, Mon 2026-11-23 07:00 CET: counts" in page.text
    assert page.row("The runbook names").split()[-4:] == ["Receipts", "are", "not", "extracted"]


def test_an_approval_of_other_bytes_does_not_count(story):
    (path,) = (story.root / "postmortems").rglob("postmortem-*.md")
    path.write_text(path.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    pages = story.build()
    (page,) = (page for path, page in pages.items() if path.startswith("postmortems/"))
    assert "does not count: the file was changed afterwards" in page.text
    assert "not approved" in page.text


def test_the_author_s_own_approval_does_not_count(story):
    story.store.git("config", "user.email", "robin@example.org")
    (path,) = (story.root / "approvals").rglob("*.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("erika-mustermann", "robin-sample"), encoding="utf-8")
    pages = story.build()
    (page,) = (page for path, page in pages.items() if path.startswith("postmortems/"))
    assert "wrote the file too" in page.text


def test_a_shallow_clone_does_not_judge_approvals(story, tmp_path):
    story.store.git("clone", "--quiet", "--depth=1", f"file://{story.root}", str(tmp_path / "shallow"))
    story.store.root = tmp_path / "shallow"
    pages = story.build()
    (page,) = (page for path, page in pages.items() if path.startswith("postmortems/"))
    assert "not judged: this is a shallow clone" in page.text
    assert "approval not judged" in page.text


def test_a_store_with_nothing_says_so(portal):
    page = portal.build()["index.html"]
    for words in ("no incident in the cycle", "no SLOs", "No service is recorded.", "No SLO is recorded."):
        assert words in page.text
    assert " 0 %" not in page.one("main").text
    assert "100" not in page.one("main").text


def test_the_foot_names_the_commit_and_the_moment(landscape):
    page = landscape.build()["services/ledger.html"]
    foot = " ".join(page.one("footer").text.split())
    assert f"As of Mon 2026-11-23 01:00 CET. Commit {landscape.store.head()} Rendered by svcops" in foot


def test_records_that_are_not_committed_are_said(landscape):
    landscape.service("new")
    assert "with changes that are not committed" in landscape.build()["index.html"].text


def test_a_store_without_commits_and_one_without_git_say_so(new_store, tmp_path, portal):
    portal.store = new_store("unborn", born=False)
    assert "Commit none: nothing is committed yet" in portal.build()["index.html"].text
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "svcops.yaml").write_text("organisation: Bare\n", encoding="utf-8")
    portal.store.root = bare
    assert "Commit none: the store is in no git repository" in portal.build()["index.html"].text


@pytest.mark.parametrize("damage", ["incident.yaml", "timeline"])
def test_an_incident_with_a_damaged_file_has_no_known_phase(story, damage):
    folder = next((story.root / "incidents/2026").glob("incident-20261118-*"))
    path = folder / damage if damage.endswith("yaml") else max((folder / "timeline").iterdir())
    path.write_text("type: [", encoding="utf-8")
    pages = story.build(status=2)
    page = pages["index.html"]
    assert "1 damaged file left out" in page.text
    assert page.leads_to(page.href("Which files, and why")) == ("index.html", "left-out")
    left = next(one.text for one in page.all("li") if path.name in one.text)
    assert left.startswith(path.relative_to(story.root).as_posix())
    if damage == "timeline":
        incident = pages[f"incidents/{folder.name}.html"]
        assert "Phase: unknown" in incident.text
        assert incident.row("time to resolve").startswith("time to resolve unknown")
        assert "2 incidents in the cycle" in page.text
    else:
        assert f"incidents/{folder.name}.html" not in pages
        (story_page,) = (page for path, page in pages.items() if path.startswith("postmortems/"))
        assert f"{folder.name} (its file is damaged)" in story_page.text


def test_every_page_says_that_something_is_left_out(landscape):
    landscape.store.write("catalogue/services/ledger.yaml", "title: [")
    pages = landscape.build(status=2)
    assert "services/ledger.html" not in pages
    assert all("1 damaged file left out" in page.text for page in pages.values())
    assert "ledger (its file is damaged)" in pages["services/payroll.html"].text
    assert "Damaged, and nobody can tell what it needs: ledger." in pages["services/identity.html"].text


def test_damage_is_said_on_standard_error_too(landscape):
    landscape.store.write("catalogue/services/ledger.yaml", "title: [")
    done = landscape.run("site", "build", "--out", str(landscape.site), "--at", "2026-11-23T00:00Z")
    assert done.status == 2
    assert done.out == f"{landscape.site}\n"
    assert "left out, damaged: catalogue/services/ledger.yaml" in done.err
