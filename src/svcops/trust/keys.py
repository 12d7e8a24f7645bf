"""The public key in a detached OpenSSH signature, so that two signatures can be told to be of one key.

The format is that of PROTOCOL.sshsig of OpenSSH: `SSHSIG`, a version of four bytes, and strings that begin with their
length in four bytes, of which the key is the first. A certificate (PROTOCOL.certkeys) holds the key's own fields behind
its type and a nonce, and then for whom it is.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence
from fnmatch import fnmatchcase

Key = tuple[bytes, ...]
"""The type of a public key, and its fields."""

_BEGIN = b"-----BEGIN SSH SIGNATURE-----"
_END = b"-----END SSH SIGNATURE-----"
_MAGIC, _KRL = b"SSHSIG", b"SSHKRL\n"
_TEXT, _NUMBER = "text", "number"
_FIELDS = {
    b"ssh-rsa": (_NUMBER, _NUMBER),
    b"ssh-dss": (_NUMBER, _NUMBER, _NUMBER, _NUMBER),
    b"ssh-ed25519": (_TEXT,),
    b"ecdsa-sha2-nistp256": (_TEXT, _TEXT),
    b"ecdsa-sha2-nistp384": (_TEXT, _TEXT),
    b"ecdsa-sha2-nistp521": (_TEXT, _TEXT),
    b"sk-ssh-ed25519@openssh.com": (_TEXT, _TEXT),
    b"sk-ecdsa-sha2-nistp256@openssh.com": (_TEXT, _TEXT, _TEXT),
}
"""What a key has behind its type. ssh-keygen takes other names of types, too, which makes one key look like two."""
_CERTIFICATES = {kind.removesuffix(b"@openssh.com") + b"-cert-v01@openssh.com": kind for kind in _FIELDS}

_SERIAL_AND_TYPE = 8 + 4
"""Bytes behind the key's own fields in a certificate; then come its id, and its principals as strings in one."""

_LISTED = re.compile(rb"\s(?:ssh-|ecdsa-|sk-)\S+\s+(AAAA[A-Za-z0-9+/=]+)", re.IGNORECASE)
"""A key on a line of a list of signers, behind its principals and options."""


_OPTION = (
    rb'(?:cert-authority|namespaces="[^"]*"'
    rb'|valid-(?:after|before)="[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?Z?")'
)
_OPTIONS = re.compile(rb"(?:" + _OPTION + rb"(?:," + _OPTION + rb")*)?", re.IGNORECASE)
"""What stands between principals and key (ssh-keygen(1), ALLOWED SIGNERS)."""
_FIRST = re.compile(rb'\s*("[^"]*"|\S+)')
"""The principals of a line; in quotes they may hold blanks."""


def key_of(signature: bytes) -> Key | None:
    """The fields of the key that made a signature, without what a certificate adds; None where it cannot be told."""
    return _plain(_strings(_key_in(signature)))


def certified(signature: bytes) -> list[str]:
    """The principals of the certificate that made a signature, as it has them; none where no certificate did."""
    blob = _key_in(signature)
    fields = _strings(blob)
    kind = _CERTIFICATES.get(fields[0]) if fields else None
    if kind is None:
        return []
    before = sum(4 + len(one) for one in fields[: 2 + len(_FIELDS[kind])])
    names = _strings(blob[before + _SERIAL_AND_TYPE :])[1:2]
    return [one.decode("utf-8", "replace") for name in names for one in _strings(name)]


def _key_in(signature: bytes) -> bytes:
    """The blob of the key in a signature; empty where there is none."""
    _, begun, rest = signature.partition(_BEGIN)
    armoured, ended, _ = rest.partition(_END)
    try:
        blob = b64decode(b"".join(armoured.split()), validate=True) if begun and ended else b""
    except binascii.Error:
        return b""
    fields = _strings(blob[len(_MAGIC) + 4 :]) if blob.startswith(_MAGIC) else []
    return fields[0] if fields else b""


def principals(signers: bytes) -> dict[Key, list[list[str]]]:
    """Whom a list of signers gives each key, a list a line, as it writes them: addresses, and patterns.

    Whether a line holds at some time, or for some purpose, is not asked.
    """
    found: dict[Key, list[list[str]]] = {}
    for line in signers.split(b"\n"):
        first, listed = _FIRST.match(line), _LISTED.search(line)
        key = _listed(listed[1]) if listed else None
        if key and first:
            names = first[1].decode("utf-8", "replace").strip('"').split(",")
            found.setdefault(key, []).append(names)
    return found


def unread_lines(data: bytes, *, has_principals: bool) -> list[int]:
    """The lines, from 1, of a list of keys that hold none as ssh-keygen reads it (ssh-keygen(1), ALLOWED SIGNERS).

    Lines of a list of signers begin with principals, those of revoked keys with the key; a binary KRL has none.
    """
    if not has_principals and data.startswith(_KRL):
        return []
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.strip()
        if text and not text.startswith(b"#"):
            listed = _LISTED.search(text) if has_principals else _LISTED.match(b" " + text)
            is_read = listed is not None and _listed(listed[1]) is not None
            options = _FIRST.sub(b"", text[: listed.start()], count=1).strip() if listed and has_principals else b""
            if not is_read or not _OPTIONS.fullmatch(options):
                found.append(number)
    return found


def means(names: Sequence[str], mail: str) -> str:
    """The principal of a line of a list of signers by which it is of an address; empty where it is not.

    In large letters or small; one with `!` takes away what another gives (ssh_config(5), PATTERNS).
    """
    if any(one.startswith("!") and _is_like(one[1:], mail) for one in names):
        return ""
    return next((one for one in names if _is_like(one, mail)), "")


def _is_like(principal: str, mail: str) -> bool:
    return fnmatchcase(mail.lower(), principal.lower().replace("[", "[[]"))


def _listed(text: bytes) -> Key | None:
    try:
        return _plain(_strings(b64decode(text)))
    except binascii.Error:
        return None


def _plain(fields: list[bytes]) -> Key | None:
    """A key's type and fields, as the key itself has them; None where they are not what that type has."""
    if not fields:
        return None
    kind, begin = _CERTIFICATES.get(fields[0], fields[0]), 2 if fields[0] in _CERTIFICATES else 1
    shape = _FIELDS.get(kind, ())
    found = fields[begin : begin + len(shape)]
    if not shape or len(found) < len(shape):
        return None
    # ssh-keygen takes a number with zeros before it for the same number
    return (
        kind,
        *(one.lstrip(b"\0") if kind_of == _NUMBER else one for one, kind_of in zip(found, shape, strict=True)),
    )


def _strings(blob: bytes) -> list[bytes]:
    """The strings one after the other, as far as they are whole."""
    found, start = list[bytes](), 0
    while start + 4 <= len(blob):
        end = start + 4 + int.from_bytes(blob[start : start + 4])
        if end > len(blob):
            break
        found.append(blob[start + 4 : end])
        start = end
    return found
