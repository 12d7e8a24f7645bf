"""Signing an approval with an OpenSSH key: which key, and the call of ssh-keygen that makes the signature.

A passphrase, or a touch of a hardware key, is asked for by ssh-keygen itself, on the terminal; without one it is not
asked for, and an agent has to hold the key.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from svcops.errors import BadInput, NotDone, Refused
from svcops.store.frozen import frozen
from svcops.store.layout import SIGNATURE
from svcops.trust.signatures import (
    INSTALL,
    NAMESPACE,
    REVOKED,
    SIGNERS,
    Damaged,
    Signature,
    Trust,
    addresses,
    trust_of,
    verify,
)

if TYPE_CHECKING:
    from svcops.store.change import Change
    from svcops.store.events import Author
    from svcops.store.git import Git
    from svcops.terminal.session import Session

_LITERAL = ("ssh-", "ecdsa-", "sk-")
"""How a public key begins that stands in git's settings in place of its file's name."""
_LONGEST = 120
"""Seconds for a hardware key to be touched, where nobody sits at a terminal."""


@frozen
class Key:
    """A key to sign with: the path of its file, private or public, or the public key itself, which an agent holds."""

    path: str = ""
    public: str = ""


def signed(session: "Session", change: "Change", author: "Author", key: str) -> "Change":
    """The change by which an author approves something, with a signature over the approval where one is asked for.

    That is where the caller names a `key` (the path of its file), or svcops.yaml says `approvals: proved`. Refused
    where the signature would not count; NotDone where there is none to be had; BadInput for a key that is not there.
    """
    store = session.store
    if not key and store.graph.settings.policy.approvals == "asserted":
        return change
    (path, data), *_ = change.files.items()
    assert data is not None, path
    try:
        trust = trust_of(store.graph.tree)
    except Damaged as error:
        raise NotDone(str(error)) from None
    mails = addresses(store.graph, author.by)
    chosen = chosen_key(store.git, key, session.place)
    asks = session.stdin.isatty() and not session.options.no_input
    signature = sign(data, chosen, store.env, asks=asks)
    worth = verify(data, signature, trust, mails, author.after(None))
    if worth.standing == "unknown":
        raise NotDone(worth.why)
    if worth.standing != "good":
        help_ = what_mends(session, worth, trust, mails, chosen)
        raise Refused(f"the approval would not count: {worth.why}", help=help_)
    return replace(change, files={**change.files, path + SIGNATURE: signature})


def chosen_key(git: "Git", given: str, place: Callable[[str], Path], what: str = "the approval") -> Key:
    """The key of `--key`, else the one that git signs commits with; BadInput where there is neither.

    `place` says where the file of that name is, `what` is to be signed.
    """
    if given:
        path = place(str(Path(given).expanduser()))
        if not path.is_file():
            raise BadInput(f"--key {given}: there is no such file", help="Such as --key ~/.ssh/id_ed25519.")
        return Key(path=str(path))
    settings = git.run("config", "--null", "--get-regexp", r"^(gpg\.format|user\.signingkey)$", accept=(0, 1)).stdout
    pairs = (entry.partition("\n") for entry in settings.decode("utf-8", "replace").split("\0"))
    known = {name: value.strip() for name, _, value in pairs}
    if known.get("gpg.format") != "ssh" or not known.get("user.signingkey"):
        raise BadInput(
            f"{what} has to be signed, and there is no key to sign it with",
            help="Name one: --key ~/.ssh/id_ed25519\n"
            "or once for all: git config --global gpg.format ssh && git config --global user.signingkey KEY.pub",
        )
    value = known["user.signingkey"]
    if value.startswith("key::") or value.startswith(_LITERAL):
        return Key(public=value.removeprefix("key::"))
    file = git.root / git.text("config", "--type=path", "--get", "user.signingkey")
    if not file.is_file():
        raise BadInput(f"git's user.signingkey is {file}, and there is no such file", help="Name a key: --key FILE")
    return Key(path=str(file))


def sign(data: bytes, key: Key, env: Mapping[str, str], *, asks: bool, namespace: str = NAMESPACE) -> bytes:
    """A detached signature over some bytes, made for `namespace`.

    With `asks`, ssh-keygen may ask for a passphrase on the terminal.
    """
    from subprocess import DEVNULL, TimeoutExpired, run
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="svcops-") as folder:
        file, public = Path(folder) / "approval", Path(folder) / "key.pub"
        file.write_bytes(data)
        public.write_text(f"{key.public}\n", encoding="utf-8")
        words = ["ssh-keygen", "-q", "-Y", "sign", "-f", key.path or str(public), "-n", namespace, str(file)]
        calm = {**env, "LC_ALL": "C", **({} if asks else {"SSH_ASKPASS_REQUIRE": "never"})}
        try:
            if asks:
                done = run(words, env=calm, check=False, capture_output=False)
            else:
                done = run(
                    words,
                    env=calm,
                    stdin=DEVNULL,
                    capture_output=True,
                    check=False,
                    start_new_session=True,  # without a terminal that it could ask at
                    timeout=_LONGEST,
                )
        except FileNotFoundError:
            raise NotDone("ssh-keygen is not installed, or not on PATH", help=INSTALL) from None
        except TimeoutExpired:
            raise NotDone("ssh-keygen did not sign in time", help=_TRY) from None
        if done.returncode:
            raise NotDone(f"ssh-keygen did not sign{_said(done.stderr)}", help=_TRY)
        return file.with_name(f"approval{SIGNATURE}").read_bytes()


_OTHERS = (
    "Sign with a key of your own: --key ~/.ssh/id_ed25519\n"
    "If that one is yours, the address by which you commit belongs to emails of your file in catalogue/people."
)
_ENDED = (
    f"Sign with a key that has not ended, and have its line added to {SIGNERS}; the line of this one stays as it is, "
    "so that what it signed before stands."
)
RENEW = (
    f"A revoked key never counts again. Sign with another: --key FILE; a new one comes from ssh-keygen -t ed25519,\n"
    f"and counts once its public key is in {SIGNERS} and that was reviewed. If {REVOKED} is wrong, mend it there."
)
_TRY = "Add the key to an agent: ssh-add KEY; or sign at a terminal, which can ask for its passphrase."


def _said(stderr: bytes | None) -> str:
    """The last line of what it said, where that was not said on the terminal."""
    lines = (stderr or b"").decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1].removeprefix('Enter passphrase: ')}" if lines else ""


def what_mends(
    session: "Session", worth: Signature, trust: Trust, mails: tuple[str, ...], key: Key, namespaces: str = NAMESPACE
) -> str:
    """What to do where a signature by a key would not count. A key that is somebody's is never one to be enrolled."""
    if worth.is_revoked:
        return RENEW
    if "was made with a key of" in worth.why:
        return _OTHERS
    return _ENDED if "expired" in worth.why else make_known(session, trust, mails, key, namespaces)


def make_known(session: "Session", trust: Trust, mails: tuple[str, ...], key: Key, namespaces: str = NAMESPACE) -> str:
    """How a key comes to count, as somebody who looks after the store has to agree to it: a line for the shell."""
    from shlex import quote

    mail = quote(mails[0]) if mails else "MAIL"
    file = key.path if key.path.endswith(".pub") else f"{key.path}.pub"
    public = quote(key.public) if key.public else f'"$(cat {quote(file)})"'
    signers = os.path.relpath(session.store.root / SIGNERS, session.cwd)
    folder = "" if trust.signers is not None else f"mkdir -p {quote(os.path.dirname(signers))} && "
    end = "\\n" if trust.signers and not trust.signers.endswith(b"\n") else ""
    command = f"{folder}printf '{end}%s namespaces=\"{namespaces}\" %s\\n' {mail} {public} >> {quote(signers)}"
    return f"If the key is new, add it and have that reviewed:\n{command}"
