"""One call of svcops: what was asked for globally, and the world it runs in, passed down and never reached for."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from svcops.errors import BAD_INPUT, DONE, BadInput, NotDone
from svcops.store.frozen import frozen

if TYPE_CHECKING:
    from svcops.store.change import Change
    from svcops.store.events import Author
    from svcops.store.opening import Store
    from svcops.store.writing import Written


@frozen
class Options:
    """The options that every command takes, wherever they stand on the command line."""

    store: str = ""
    json: bool = False
    quiet: bool = False
    no_input: bool = False
    no_commit: bool = False
    no_color: bool = False


_MOST_PATHS = 4
"""Paths that are named of what was written."""
_FLAGS = {
    "--json": "json",
    "--quiet": "quiet",
    "-q": "quiet",
    "--no-input": "no_input",
    "--no-commit": "no_commit",
    "--no-color": "no_color",
}


def take_options(arguments: Sequence[str]) -> tuple[Options, list[str]]:
    """Split the global options from the rest; what follows `--` is left alone."""
    options = Options()
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return options, [*rest, word, *words]
        if word in _FLAGS:
            flag: dict[str, Any] = {_FLAGS[word]: True}
            options = replace(options, **flag)
        elif word == "--store" or word.startswith("--store="):
            folder = word.partition("=")[2] or next(words, "")
            if not folder:
                raise BadInput("--store needs a folder", help="svcops --store ../ops incident list")
            options = replace(options, store=folder)
        else:
            rest.append(word)
    return options, rest


def json_text(content: Any) -> str:
    """JSON for programs and people: indented, and what a terminal would obey written as JSON may also write it."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text)


def printable(text: str) -> str:
    """Text without anything that a terminal would obey: other control characters than tab and line feed are dots."""
    if text.replace("\t", "").replace("\n", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else "·" for char in text)


@dataclass
class Session:
    """The call: its options, streams, clock and randomness. `now` gives an aware datetime in UTC."""

    options: Options
    cwd: Path | None
    """The folder that it is made in; None where that was removed: `place` and `here` say so where it matters."""
    env: Mapping[str, str]
    stdin: IO[str]
    stdout: IO[str]
    stderr: IO[str]
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    @property
    def here(self) -> Path:
        """The folder that the call is made in; NotDone where it is gone."""
        if self.cwd is None:
            raise NotDone(
                "the current folder is gone: somebody removed it",
                help="cd to one that is there, or name the store, and files, by their whole paths: --store /srv/ops",
            )
        return self.cwd

    def place(self, name: str) -> Path:
        """A file or folder as it is named on the command line; NotDone where that begins in a folder that is gone."""
        path = Path(name)
        return path if path.is_absolute() else self.here / path

    @cached_property
    def store(self) -> "Store":
        """The store this call is about, with what a killed call left cleared away."""
        from svcops.store.layout import SETTINGS

        store = self.store_untouched
        store.recover()
        store.graph.settings  # noqa: B018 - read, so that a damaged one is known
        for finding in (one for one in store.graph.findings if one.at.path == SETTINGS):
            self.warn(f"{finding.at.path} is damaged, and what can be read of it is used: {finding.message}")
        return store

    @cached_property
    def store_untouched(self) -> "Store":
        """The store, for commands that never write to it."""
        from svcops.store.opening import Store, find_root

        start = self.place(self.options.store).resolve() if self.options.store else self.here
        return Store(find_root(start), self.env, self.say)

    @cached_property
    def zone(self) -> tzinfo:
        """The store's time zone, in which instants are shown, and recorded: with their offset, they are right in any.

        Where nobody knows it, an `UnknownZone` with a warning, as work has to go on: it shows UTC, and what has to read
        a time of the clock refuses it.
        """
        from svcops.store.zones import UnknownZone

        found = self.store.graph.zone
        if isinstance(found, UnknownZone):
            self.warn(f"svcops.yaml: {found.why}, so times are in UTC: svcops check shows the place")
        return found

    @property
    def zone_to_record(self) -> tzinfo:
        """The store's time zone, for text that names none; BadInput where nobody knows it, as it would be hours off."""
        from svcops.store.zones import known

        try:
            return known(self.store.graph.zone)
        except ValueError as error:
            raise BadInput(str(error), help="Name one in svcops.yaml, such as Europe/Berlin.") from None

    def author(self) -> "Author":
        """Who is typing, with this call's clock and randomness."""
        from svcops.store.events import Author
        from svcops.timing.model import with_offset

        zone = self.zone
        return Author(self.store.me(), with_offset(self.now(), zone), self.random_bytes, zone)

    @property
    def columns(self) -> int | None:
        """The columns of the terminal; None where standard output goes elsewhere."""
        if not self.is_terminal:
            return None
        from shutil import get_terminal_size

        return get_terminal_size().columns

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads standard output."""
        return self.stdout.isatty()

    def use_color(self, stream: IO[str]) -> bool:
        """Whether to colour what goes to a stream (https://no-color.org)."""
        return stream.isatty() and not self.options.no_color and not self.env.get("NO_COLOR")

    def say(self, text: str) -> None:
        """A remark for a person: standard error, and nothing with --quiet."""
        if not self.options.quiet:
            print(printable(text), file=self.stderr)

    def warn(self, text: str) -> None:
        """What explains an exit code: standard error, with --quiet too."""
        print(printable(text), file=self.stderr)

    def show(self, text: str, *, painted: bool = False) -> None:
        """Data: standard output. What a record says is never obeyed by the terminal, unless `painted` by us."""
        print(text if painted else printable(text), file=self.stdout)

    def show_json(self, schema: str, **content: Any) -> None:
        """Data as one JSON object that names its schema, such as `svcops.incidents/1`.

        Where something could not be read and is left out, `damaged` lists the files.
        """
        damaged = self._damaged()
        told = {"damaged": damaged} if damaged else {}
        self.show(json_text({"schema": schema, **told, **content}), painted=True)

    def show_table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        empty: str = "",
        styles: Mapping[str, str] | None = None,
    ) -> None:
        """A table for a person, tab-separated lines when piped, the first column alone with --quiet.

        `styles` are those of cells by their text, where there is colour.
        """
        rows = list(rows)
        if self.options.quiet:
            if rows:
                self.show("\n".join([row[0] for row in rows]))
        elif not rows:
            if empty:
                self.say(empty)
        elif self.is_terminal:
            from svcops.terminal.tables import show

            show(self, columns, rows, styles)
        else:
            self.show("\n".join(["\t".join([" ".join(cell.split()) for cell in row]) for row in rows]))

    def apply(self, change: "Change") -> "Written":
        """Write a change to the store, and commit it unless told not to; with `policy.sync: auto` it is shared."""
        is_shared = self.store.graph.settings.policy.sync == "auto"
        written = self.store.apply(change, commit=not self.options.no_commit)
        if is_shared and written.commit:
            self._share()
        return written

    def _share(self) -> None:
        """Let what was committed go to the remote in the background, and say what could not go there before."""
        from svcops.store import background

        git_dir = self.store.git_dir
        assert git_dir, "there is a commit"
        waits = background.waits(git_dir)
        if waits:
            self.say(f"{waits.told(self.now(), self.zone)}, as {waits.why}: svcops sync")
        try:
            background.start(self.store.root, git_dir, self.env)
        except (OSError, ValueError) as error:
            self.say(f"the sync could not be started: {error}; svcops sync")

    def finish(self, written: "Written", name: str, schema: str, content: Callable[[], dict[str, Any]]) -> None:
        """Close a changing verb: the record's name on standard output, what was written for a person, or JSON.

        `content` is only worked out for JSON: reading back what was just written takes longer than writing it.
        """
        if self.options.json:
            self.show_json(schema, **content(), written={"paths": list(written.paths), "commit": written.commit})
        else:
            self.show(name)
            self.say_written(written)

    def mention_damage(self) -> int:
        """Say on standard error what could not be read and was left out of a listing; the exit code for it."""
        damaged = self._damaged()
        if not damaged:
            return DONE
        more = " ..." if len(damaged) > 5 else ""
        self.warn(f"left out, damaged: {', '.join(damaged[:5])}{more}; svcops check shows the place")
        return BAD_INPUT

    def _damaged(self) -> list[str]:
        """What could not be read so far, or cannot hold, such as a time zone that nobody knows, where asked for."""
        if "store_untouched" not in self.__dict__:  # whoever needs none has none
            return []
        from svcops.store.layout import SETTINGS
        from svcops.store.zones import UnknownZone

        graph = self.store_untouched.graph
        damaged = graph.left_out()
        if isinstance(vars(graph).get("zone"), UnknownZone):
            damaged.add(SETTINGS)
        return sorted(damaged)

    def say_written(self, written: "Written") -> None:
        """Say which files were written, which were taken away, and which commit holds that."""
        gone = set(written.gone)
        done = {"wrote": [path for path in written.paths if path not in gone], "took away": written.gone}
        place = f"commit {written.commit[:10]}" if written.commit else "not committed (--no-commit)"
        if written.commit and written.branch is None:
            place += f", on no branch, HEAD is detached: git branch NAME {written.commit[:10]} keeps it"
        told = "; ".join(f"{what} {_some(paths)}" for what, paths in done.items() if paths)
        self.say(f"{told}; {place}")


def _some(paths: "Sequence[str]") -> str:
    """The first few of some paths."""
    more = len(paths) - _MOST_PATHS
    return ", ".join([*paths[:_MOST_PATHS], *([f"and {more} more"] if more > 0 else [])])
