"""Alertmanager's webhook payload, version 4, and what is none."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svcops.incidents.alertmanager import MOST_BYTES, BadPayload, parse

ALERT = {
    "status": "firing",
    "labels": {"alertname": "QueueStuck", "severity": "critical", "service": "receipt-scanner", "queue": "a"},
    "annotations": {"summary": "The queue of receipts is stuck"},
    "startsAt": "2026-11-23T07:10:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus.example.org/graph",
    "fingerprint": "1a30ba71cca2921f",
}
PAYLOAD = {
    "receiver": "svcops",
    "status": "firing",
    "alerts": [ALERT],
    "groupLabels": {"alertname": "QueueStuck"},
    "commonLabels": ALERT["labels"],
    "commonAnnotations": ALERT["annotations"],
    "externalURL": "http://alertmanager.example.org",
    "version": "4",
    "groupKey": '{}:{alertname="QueueStuck"}',
    "truncatedAlerts": 0,
}


def read(**changed):
    return parse(json.dumps({**PAYLOAD, **changed}).encode())


def wrong(data):
    with pytest.raises(BadPayload) as caught:
        parse(data if isinstance(data, bytes) else json.dumps(data).encode())
    return caught.value.message


def test_a_payload_is_read():
    message = read()
    assert (message.key, message.status, message.source) == (
        '{}:{alertname="QueueStuck"}',
        "firing",
        "http://alertmanager.example.org",
    )
    alert = message.alerts[0]
    assert (alert.name, alert.fingerprint, alert.status) == ("QueueStuck", "1a30ba71cca2921f", "firing")
    assert message.firing == (alert,)


def test_times_are_whole_milliseconds_and_the_zero_time_is_not_known():
    alert = read().alerts[0]
    assert alert.started == datetime(2026, 11, 23, 7, 10, 0, 123000, tzinfo=UTC)
    assert alert.ended is None
    ended = read(alerts=[{**ALERT, "status": "resolved", "endsAt": "2026-11-23T08:40:00+01:00"}]).alerts[0].ended
    assert ended == datetime(2026, 11, 23, 7, 40, tzinfo=UTC)
    east = read(alerts=[{**ALERT, "endsAt": "0001-01-01T00:00:00+02:00"}]).alerts[0]
    assert east.ended is None


def test_what_older_versions_leave_out_is_made_up_for():
    older = {key: value for key, value in ALERT.items() if key != "fingerprint"}
    other = {**older, "labels": {**ALERT["labels"], "queue": "b"}}
    message = read(alerts=[older, other, older], groupLabels=None, truncatedAlerts=None)
    first, second, third = (one.fingerprint for one in message.alerts)
    assert first == third != second
    assert message.truncated == 0
    assert message.group == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": "3"}, 'its version is "3"'),
        ({"version": 4}, "its version is 4"),
        ({"groupKey": " "}, "groupKey is no text, or empty"),
        ({"groupKey": 7}, "groupKey is no text"),
        ({"status": "pending"}, "status is neither firing nor resolved"),
        ({"alerts": []}, "alerts is not a list with an alert"),
        ({"alerts": ["x"]}, "alerts[0] is no object"),
        ({"alerts": [ALERT, {**ALERT, "status": None}]}, "alerts[1].status"),
        ({"alerts": [{**ALERT, "startsAt": "yesterday"}]}, "alerts[0].startsAt: not a time"),
        ({"alerts": [{**ALERT, "startsAt": "0001-01-01T00:00:00Z"}]}, "alerts[0].startsAt is missing"),
        ({"alerts": [{**ALERT, "endsAt": 5}]}, "alerts[0].endsAt"),
        ({"alerts": [{**ALERT, "labels": {"a": 1}}]}, "alerts[0].labels does not map names to texts"),
        ({"commonLabels": ["a"]}, "commonLabels does not map names to texts"),
        ({"groupLabels": {"a": None}}, "groupLabels does not map names to texts"),
        ({"truncatedAlerts": -1}, "truncatedAlerts"),
        ({"externalURL": 1}, "externalURL is no text"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(changed, said):
    assert said in wrong({**PAYLOAD, **changed})


def test_what_is_no_json_is_no_payload():
    assert "not JSON" in wrong(b"receiver: svcops")
    assert "not JSON" in wrong(b"\xff\xfe\xfa")
    assert "the payload is no object" in wrong(b"[]")
    assert "too deep" in wrong(b"[" * 100_000)
    assert "more than 1,048,576 bytes" in wrong(b" " * (MOST_BYTES + 1))


def test_nothing_that_a_terminal_would_obey_or_a_record_cannot_hold_comes_through():
    message = read(alerts=[{**ALERT, "labels": {"alertname": "A\x1b[31mB\x00", "a\x07": "\ud800"}}], groupKey="key\x1b")
    assert message.alerts[0].labels == {"alertname": "A·[31mB·", "a·": "·"}
    assert message.key == "key·"


def test_long_texts_are_cut():
    message = read(groupLabels={"queue": "x" * 2000})
    assert len(message.group["queue"]) == 500
    assert message.group["queue"].endswith("…")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.sampled_from([*PAYLOAD, *ALERT]), one),
        max_leaves=20,
    )
)
def test_any_json_is_a_message_or_a_bad_payload(plain):
    for data in (plain, {**PAYLOAD, **plain} if isinstance(plain, dict) else plain):
        try:
            message = parse(json.dumps(data).encode())
        except BadPayload:
            continue
        assert message.alerts
        assert message.key.strip()
