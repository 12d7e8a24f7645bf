"""The public key in a detached OpenSSH signature, so that two signatures can be told to be of one key.

The format is that of PROTOCOL.sshsig of OpenSSH: `SSHSIG`, a version of four bytes, and strings that begin with their
length in four bytes, of which the key is the first. A certificate (PROTOCOL.certkeys) holds the key's own fields behind
its type and a nonce.
"""

import binascii
from base64 import b64decode

_BEGIN = b"-----BEGIN SSH SIGNATURE-----"
_END = b"-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_CERTIFICATE = b"-cert-v01@openssh.com"
_FIELDS = {b"ssh-rsa": 2, b"ssh-dss": 4, b"ssh-ed25519": 1, b"sk-ssh-ed25519": 2, b"sk-ecdsa-sha2-nistp256": 3}
"""How many fields a key has; those of other types, ecdsa-sha2-*, have two."""


def key_of(signature: bytes) -> tuple[bytes, ...] | None:
    """The fields of the key that made a signature, without what a certificate adds; None for what is no signature."""
    _, begun, rest = signature.partition(_BEGIN)
    armoured, ended, _ = rest.partition(_END)
    if not (begun and ended):
        return None
    try:
        blob = b64decode(b"".join(armoured.split()), validate=True)
    except binascii.Error:
        return None
    if not blob.startswith(_MAGIC):
        return None
    fields = _strings(blob[len(_MAGIC) + 4 :])
    return _plain(_strings(fields[0])) if fields else None


def _plain(fields: list[bytes]) -> tuple[bytes, ...] | None:
    """A key's type and fields, as the key itself has them."""
    if not fields:
        return None
    kind, is_certificate = fields[0].removesuffix(_CERTIFICATE), fields[0].endswith(_CERTIFICATE)
    kind = kind.removesuffix(b"@openssh.com")
    begin = 2 if is_certificate else 1
    return (kind, *fields[begin : begin + _FIELDS.get(kind, 2)])


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
