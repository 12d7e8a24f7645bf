"""Signatures of approvals, made and verified by the real ssh-keygen: what counts, and what is said of the rest."""

import base64
import subprocess
from datetime import UTC, datetime

import pytest

from svcops.store.graph import Graph
from svcops.trust.facts import judged, standing, who
from svcops.trust.keys import key_of
from svcops.trust.signatures import NAMESPACE, Trust, addresses, trust_of, verify

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
DATA = b"of: svcops.yaml\n"


@pytest.fixture
def new_key(tmp_path):
    """Makes an OpenSSH key without a passphrase; gives its file, and its public half."""

    def make(name="key", *more):
        file = tmp_path / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, *more, "-f", file], check=True)
        return file, file.with_suffix(".pub").read_text()

    return make


@pytest.fixture
def key(new_key):
    return new_key()


def signed(file, data=DATA, namespace=NAMESPACE):
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", file, "-n", namespace]
    return subprocess.run(words, input=data, capture_output=True, check=True).stdout


def respelt(kind, zeros=0):
    """What writes the key in a signature in another way that ssh-keygen takes for the same."""

    def strings(blob):
        while blob:
            end = 4 + int.from_bytes(blob[:4])
            yield blob[4:end]
            blob = blob[end:]

    def joined(fields):
        return b"".join(len(one).to_bytes(4) + one for one in fields)

    def written(signature):
        begin, *lines, end = signature.split(b"\n")[:-1]
        blob = base64.b64decode(b"".join(lines))
        key, *rest = strings(blob[10:])
        _, *fields, last = strings(key)
        key = joined([kind.encode(), *fields, b"\0" * zeros + last])
        return b"\n".join([begin, base64.b64encode(blob[:10] + joined([key, *rest])), end, b""])

    return written


def test_a_known_key_of_one_of_the_addresses_counts(key):
    file, public = key
    trust = Trust(f"noor@home.example {public}".encode(), None)
    good = verify(DATA, signed(file), trust, ["noor@example.org", "noor@home.example"], AT)
    assert (good.standing, good.why) == ("good", "signed with a key of noor@home.example")


def test_a_pattern_and_a_restricted_key_count(key):
    file, public = key
    trust = Trust(f'*@example.org namespaces="{NAMESPACE}" {public}'.encode(), None)
    assert verify(DATA, signed(file), trust, ["noor@example.org"], AT).standing == "good"


def test_a_key_that_an_authority_signed_counts(key, new_key):
    file, public = key
    authority, known = new_key("authority")
    subprocess.run(
        ["ssh-keygen", "-q", "-s", authority, "-I", "noor", "-n", "noor@example.org", f"{file}.pub"], check=True
    )
    trust = Trust(f"*@example.org cert-authority {known}".encode(), None)
    signature = signed(f"{file}-cert.pub")
    assert verify(DATA, signature, trust, ["noor@example.org"], AT).standing == "good"
    assert (
        verify(DATA, signature, Trust(f"*@example.org {public}".encode(), None), ["x@example.org"], AT).standing
        == "bad"
    )


@pytest.mark.parametrize(
    ("signers", "revoked", "mails", "why"),
    [
        (None, None, ["noor@example.org"], "there is no trust/allowed_signers"),
        ("noor@example.org {key}", None, [], "no mail address of who approved"),
        ("", None, ["noor@example.org"], "does not know its key"),
        ("noor@example.org {other}", None, ["noor@example.org"], "does not know its key"),
        ("kim@example.org {key}", None, ["noor@example.org"], "with a key of kim@example.org, not of noor@example.org"),
        ("noor@example.org {key}", "{key}", ["noor@example.org"], "trust/revoked lists its key"),
        ('noor@example.org valid-before="20261123095959" {key}', None, ["noor@example.org"], ":1: key has expired"),
        ('noor@example.org valid-after="20261123100001" {key}', None, ["noor@example.org"], ":1: key is not yet valid"),
        ('noor@example.org namespaces="git" {key}', None, ["noor@example.org"], ":1: key is not permitted"),
        ("nonsense\nnoor@example.org {other}", None, ["noor@example.org"], "trust/allowed_signers"),
    ],
)
def test_any_other_key_does_not(key, new_key, signers, revoked, mails, why):
    file, public = key
    _, other = new_key("other")
    filled = [
        text.format(key=public, other=other).encode() if text is not None else None for text in (signers, revoked)
    ]
    bad = verify(DATA, signed(file), Trust(*filled), mails, AT)
    assert bad.standing == "bad"
    assert why in bad.why
    assert "/tmp" not in bad.why


def test_a_key_counts_as_it_was_when_the_approval_was_given(key):
    file, public = key
    trust = Trust(
        f'noor@example.org valid-after="20261123100000",valid-before="20261123100001" {public}'.encode(), None
    )
    assert verify(DATA, signed(file), trust, ["noor@example.org"], AT).standing == "good"


@pytest.mark.parametrize(
    ("revoked", "standing", "why"),
    [
        (b"nonsense\n", "unknown", "trust/revoked is damaged"),
        (b"\x00\x01\xff" * 20, "unknown", "trust/revoked is damaged"),
        ("nonsense\n{key}", "unknown", "trust/revoked is damaged"),
        ("\0\n{key}", "unknown", "trust/revoked is damaged"),
        ("{key}nonsense\n", "bad", "trust/revoked lists its key"),
    ],
    ids=["nonsense", "bytes", "nonsense before", "cut short", "nonsense behind"],
)
def test_a_damaged_list_of_revoked_keys_is_told_apart_from_a_revoked_key(key, revoked, standing, why):
    file, public = key
    revoked = revoked if isinstance(revoked, bytes) else revoked.format(key=public).encode()
    found = verify(DATA, signed(file), Trust(f"noor@example.org {public}".encode(), revoked), ["noor@example.org"], AT)
    assert (found.standing, found.is_revoked) == (standing, standing == "bad")
    assert why in found.why


@pytest.mark.parametrize("written", ["Noor@Example.org", '"kim@example.org,NOOR@example.org"'])
def test_addresses_are_the_same_in_large_letters_and_in_small(key, written):
    file, public = key
    trust = Trust(f"{written} {public}".encode(), None)
    assert verify(DATA, signed(file), trust, ["noor@example.ORG"], AT).standing == "good"


def test_an_empty_list_of_revoked_keys_revokes_none(key):
    file, public = key
    trust = Trust(f"noor@example.org {public}".encode(), b"")
    assert verify(DATA, signed(file), trust, ["noor@example.org"], AT).standing == "good"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda file: signed(file, b"of: slo/x.yaml\n"), "incorrect signature"),
        (lambda file: signed(file, namespace="git"), "namespace does not match"),
        (lambda file: signed(file)[:60], "its signature is not good"),
        (lambda _: b"nonsense", "Couldn't parse signature"),
        (lambda _: b"", "its signature is not good"),
        (lambda _: b"\x00\xff" * 1000, "its signature is not good"),
    ],
)
def test_anything_but_a_signature_over_these_bytes_for_this_purpose_is_bad(key, make, why):
    file, public = key
    bad = verify(DATA, make(file), Trust(f"noor@example.org {public}".encode(), None), ["noor@example.org"], AT)
    assert bad.standing == "bad"
    assert why in bad.why


@pytest.mark.parametrize("armour", [lambda data: data.replace(b"\n-----END", b"\0\n-----END"), respelt("ED25519")])
def test_a_good_signature_whose_key_cannot_be_told_is_bad(key, armour):
    """ssh-keygen takes it; whether another signature is by the same key, nobody could say."""
    file, public = key
    signature = armour(signed(file))
    assert key_of(signature) is None
    bad = verify(DATA, signature, Trust(f"noor@example.org {public}".encode(), None), ["noor@example.org"], AT)
    assert (bad.standing, bad.mail) == ("bad", "")
    assert "it is not written as ssh-keygen writes one" in bad.why


def test_a_key_is_the_same_with_zeros_before_its_numbers(new_key):
    """ssh-keygen takes both."""
    file, public = new_key("rsa", "-t", "rsa", "-b", "2048")
    signature = signed(file)
    other = respelt("ssh-rsa", zeros=3)(signature)
    assert signature != other
    trust = Trust(f"noor@example.org {public}".encode(), None)
    assert verify(DATA, other, trust, ["noor@example.org"], AT).standing == "good"
    assert key_of(signature) == key_of(other)


def test_an_address_that_looks_like_an_option_is_an_address(key):
    file, public = key
    trust = Trust(f"-fx@example.org {public}".encode(), None)
    assert verify(DATA, signed(file), trust, ["-fx@example.org"], AT).standing == "good"
    assert verify(DATA, signed(file), trust, ["--help@example.org"], AT).standing == "bad"


def test_without_ssh_keygen_nothing_is_known_and_nothing_counts(key, monkeypatch, tmp_path):
    file, public = key
    signature = signed(file)
    (tmp_path / "env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(tmp_path))
    unknown = verify(DATA, signature, Trust(f"noor@example.org {public}".encode(), None), ["noor@example.org"], AT)
    assert unknown.standing == "unknown"
    assert "ssh-keygen is not installed" in unknown.why


# What a store makes of it.

PEOPLE = {
    "catalogue/people/noor.yaml": "name: Noor Voorbeeld\nemails: [Noor@example.org, noor@home.example]\n",
    "catalogue/people/ada.yaml": "name: Ada Example\nemails: [ada@example.org]\n",
}


@pytest.fixture
def approved(store, key):
    """A store with a file that Noor approved; gives what makes the approval."""
    file, public = key
    for path, text in PEOPLE.items():
        store.write(path, text)

    def make(by="noor", *, sign=True, digest="", proved=False, signers=f"noor@home.example {public}"):
        policy = "\npolicy: {approvals: proved}\n" if proved else "\n"
        data = store.write("svcops.yaml", f"organisation: Example{policy}").read_bytes()
        from svcops.trust.facts import digest_text

        text = f"of: svcops.yaml\ndigest: {digest or digest_text(data)}\nrole: reviewer\nby: {by}\nat: 2026-11-23T10:00:00Z\n"
        path = "approvals/2026/approval-20261123-aaaaaa.yaml"
        store.write(path, text)
        if sign:
            store.write(f"{path}.sig", signed(file, text.encode()))
        if signers:
            store.write("trust/allowed_signers", signers)
        graph = Graph(store.root)
        (one,) = judged(graph, "svcops.yaml", data, "ada")
        assert [one.approval] * one.counts == standing(graph, "svcops.yaml", data, "ada")
        return one

    return make


def test_an_unsigned_approval_is_asserted_and_counts_where_nobody_asks_for_proof(approved):
    one = approved(sign=False)
    assert one.counts
    assert not one.is_proved


def test_an_unsigned_approval_counts_not_where_proof_is_asked_for(approved):
    one = approved(sign=False, proved=True)
    assert not one.counts
    assert one.why_not == "it is not signed, and svcops.yaml says approvals: proved"


@pytest.mark.parametrize("proved", [True, False])
def test_a_signed_one_is_proved_and_counts(approved, proved):
    one = approved(proved=proved)
    assert one.counts
    assert one.is_proved


@pytest.mark.parametrize("proved", [True, False])
def test_a_bad_signature_counts_nowhere(approved, proved):
    one = approved(proved=proved, signers="")
    assert not one.counts
    assert "there is no trust/allowed_signers" in one.why_not


@pytest.mark.parametrize("by", ["ada", "ada@example.org", "Ada@Example.org"])
def test_who_wrote_it_is_known_by_every_name_and_address(approved, by):
    one = approved(by, sign=False)
    assert one.why_not == f"{by} wrote the file too"


def test_an_approver_may_be_named_by_an_address_of_theirs(approved):
    assert approved("noor@example.org").is_proved


def test_of_other_bytes_the_signature_is_not_even_looked_at(approved):
    one = approved(digest="sha256:" + "0" * 64)
    assert (one.why_not, one.signature) == ("the file was changed afterwards", None)


def test_a_list_of_revoked_keys_that_cannot_be_read_lets_nothing_count(approved, store, tmp_path):
    (tmp_path / "outside").write_text("")
    (store.root / "trust").mkdir()
    (store.root / "trust/revoked").symlink_to(tmp_path / "outside")
    one = approved()
    assert not one.counts
    assert "trust/revoked: a symbolic link that leaves the store" in one.why_not


def test_a_signature_that_is_a_link_out_of_the_store_is_none(approved, store, tmp_path, key):
    one = approved()
    signature = store.root / f"{one.approval.path}.sig"
    outside = tmp_path / "outside.sig"
    signature.rename(outside)
    signature.symlink_to(outside)
    graph = Graph(store.root)
    (again,) = judged(graph, "svcops.yaml", store.read("svcops.yaml").encode(), "ada")
    assert not again.is_proved


def test_the_addresses_of_a_person_are_found_by_name_or_by_one_of_them(store):
    for path, text in PEOPLE.items():
        store.write(path, text)
    graph = Graph(store.root)
    both = ("Noor@example.org", "noor@home.example")
    assert addresses(graph, "noor") == addresses(graph, "NOOR@home.example") == both
    assert addresses(graph, "kim@example.org") == ("kim@example.org",)
    assert addresses(graph, "kim") == ()
    assert addresses(graph, "kim\n@example.org") == ()
    assert [who(graph, one) for one in ("noor", "noor@EXAMPLE.org", "Kim@example.org", "kim")] == [
        "noor",
        "noor",
        "kim@example.org",
        "kim",
    ]


def test_a_revision_is_judged_by_its_own_keys(approved, store):
    from svcops.store.git import Git
    from svcops.store.git_tree import GitTree

    approved()
    store.commit("Approved")
    store.write("trust/allowed_signers", "")
    graph = Graph(store.root, tree=GitTree(Git(store.root, store.env), "HEAD"))
    (one,) = judged(graph, "svcops.yaml", graph.tree.read("svcops.yaml")[0], "ada")
    assert one.is_proved
    assert trust_of(graph.tree).signers
    (now,) = judged(Graph(store.root), "svcops.yaml", store.read("svcops.yaml").encode(), "ada")
    assert not now.counts
