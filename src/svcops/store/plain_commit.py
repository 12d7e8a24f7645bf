"""A commit of some files and no other, for which git reads only the folders above them.

`git commit` looks at every file of the work tree before, and a tree written from an index writes that anew: in a
repository of 68,000 files that is most of what a command takes. `git fast-import` makes the same commit of what HEAD
holds and the files named.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from svcops.store.git import Git, Held

_HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit")
"""Those that `git commit` runs, and writing a commit by itself does not."""
_NO_BRANCH = "refs/svcops/coming"
"""On what fast-import makes the commit; reset to nothing after it, this is never written."""
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
"""Hooks are told when the branch moves, and not before: fast-import would tell them that nothing does."""
_FILE = "100644"


def is_plain(git: Git) -> bool:
    """Whether `git commit` would do nothing beside: no hook of one runs, and no signature is asked for.

    Hooks may be files (https://git-scm.com/docs/githooks), or since git 2.54 settings (hook.NAME.command).
    """
    told = git.run("config", "--get-regexp", r"^(hook\..*|commit\.gpgsign)$", accept=(0, 1)).stdout.lower()
    if any(not line.endswith(b"false") for line in told.split(b"\n") if line):
        return False
    folder = os.path.join(git.root, git.text("rev-parse", "--git-path", "hooks"))
    return not any(os.path.lexists(f"{folder}/{name}") for name in _HOOKS)


def commit_plainly(git: Git, message: str, paths: Sequence[str], *, head: str) -> str | None:
    """Commit the files at these paths as they stand, or their absence, on top of `head`, which HEAD has to be still.

    The commit. git has their contents already. None, with nothing done, where `head` holds them so, or where that is
    not plain to tell; what `is_plain` says must hold.
    """
    told = f"{git.text('rev-parse', '--show-toplevel', '--show-prefix')}\n".split("\n")
    top, prefix = Git(Path(told[0]), git.env, keep_open=git.keep_open), told[1]
    wanted = [prefix + path for path in paths]
    if len(told) > 3 or any("\n" in path or path.startswith('"') for path in wanted):
        return None
    held, now = _held(top, head, wanted), _standing(top, wanted)
    changes = {path: _next(held.get(path), now.get(path)) for path in wanted}
    changes = {path: to for path, to in changes.items() if to != held.get(path)}
    if not changes:
        return None
    stream = b"".join(_stream(git, message, head, changes))
    made = git.run(*_NO_HOOKS, "fast-import", "--quiet", stdin=stream).stdout.decode().strip()
    subject = message.partition("\n")[0]
    git.run("update-ref", "-m", f"commit: {subject}", "HEAD", made, head)
    return made


def _next(was: Held | None, blob: str | None) -> Held | None:
    """What a commit is to hold of a content where one held something."""
    return Held(was.mode if was and was.mode.startswith("100") else _FILE, blob) if blob else None


def _stream(git: Git, message: str, head: str, changes: Mapping[str, Held | None]) -> Iterator[bytes]:
    """The commit as `git fast-import` reads it (https://git-scm.com/docs/git-fast-import#_input_format)."""
    text = f"{message.rstrip()}\n".encode()
    yield f"feature done\ncommit {_NO_BRANCH}\nmark :1\n".encode()
    for role in ("author", "committer"):
        yield os.fsencode(f"{role} {git.text('var', f'GIT_{role.upper()}_IDENT')}\n")
    yield b"data %d\n%b\nfrom %b\n" % (len(text), text, head.encode())
    for path, to in changes.items():
        quoted = path.replace("\\", "\\\\").replace('"', '\\"')
        yield os.fsencode(f'M {to.mode} {to.blob} "{quoted}"\n' if to else f'D "{quoted}"\n')
    yield f"\nget-mark :1\nreset {_NO_BRANCH}\n\ndone\n".encode()


def _held(git: Git, revision: str, paths: Sequence[str]) -> dict[str, Held]:
    """What a revision holds at the paths."""
    listed = git.about("ls-tree", "-r", "-z", revision, paths=paths)
    found = {}
    for line in filter(None, listed):
        about, _, path = line.partition("\t")
        mode, _, blob = about.split()
        found[path] = Held(mode, blob)
    return found


def _standing(git: Git, paths: Iterable[str]) -> dict[str, str]:
    """The object ids that the files standing at the paths have once committed."""
    files = [path for path in paths if os.path.isfile(f"{git.root}/{path}")]
    return dict(zip(files, git.blobs(files), strict=True))
