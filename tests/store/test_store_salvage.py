"""What still holds of a svcops.yaml that is damaged."""

from datetime import UTC, datetime

import pytest

from svcops.store.graph import Graph
from svcops.store.zones import UnknownZone, known


@pytest.fixture
def graph_of(tmp_path):
    """A graph of a store with this svcops.yaml."""

    def make(text):
        (tmp_path / "svcops.yaml").write_text(text, encoding="utf-8")
        return Graph(tmp_path)

    return make


SETTINGS = "time_zone: Europe/Berlin\npolicy: {approvals: proved}\norganisation: Example\n"


@pytest.mark.parametrize("more", ["colour: red\n", "severities: [{name: SEV1}]\n", "waivers: none\n"])
def test_every_key_that_can_be_read_holds_and_the_others_are_as_without_them(graph_of, more):
    graph = graph_of(SETTINGS + more)
    assert str(graph.zone) == "Europe/Berlin"
    assert (graph.settings.organisation, graph.settings.policy.approvals) == ("Example", "proved")
    assert [one.name for one in graph.settings.severities] == ["sev1", "sev2", "sev3", "sev4"]
    assert graph.damaged("settings") == ["svcops.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        SETTINGS + "x: [\n",
        f"<<<<<<< HEAD\n{SETTINGS}=======\n>>>>>>> other\n",
        "time_zone: Europe/Berlin\ntime_zone: UTC\n",
        "time_zone: 1\n",
        "time-zone: Europe/Berlin\n",
        "- time_zone: Europe/Berlin\n",
        "",
    ],
    ids=["not YAML", "a conflict", "twice", "no text", "a misspelt key", "no mapping", "empty"],
)
def test_where_a_damaged_file_does_not_say_the_time_zone_nobody_knows_it(graph_of, text):
    zone = graph_of(text).zone
    assert isinstance(zone, UnknownZone)
    with pytest.raises(ValueError, match=r"the store's time zone cannot be read \(svcops.yaml\)"):
        known(zone)


def test_without_settings_and_without_the_key_the_time_zone_is_utc(graph_of, tmp_path):
    assert str(Graph(tmp_path).zone) == "UTC"
    assert str(graph_of("organisation: Example\n").zone) == "UTC"


def test_in_an_unknown_zone_instants_are_shown_in_utc():
    zone = UnknownZone("nobody knows it")
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert moment.astimezone(zone) == moment
    assert f"{moment.astimezone(zone):%H:%M %z %Z} {zone}" == "12:00 +0000 UTC UTC"
    assert zone.dst(None) == moment.utcoffset()
