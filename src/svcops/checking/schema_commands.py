"""svcops schema."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from svcops.errors import DONE, BadInput
from svcops.terminal.command import Argument, Context, Option, single
from svcops.terminal.session import Session

if TYPE_CHECKING:
    from svcops.checking.schema import Names
    from svcops.store.model import Kind


def schema(
    ctx: Context,
    kind: Annotated[str, Argument(metavar="[KIND]", help="Such as service; without it, the kinds there are.")] = "",
    folder: Annotated[
        str, Option("--all", metavar="DIR", help="Write the schema of every kind, for an editor to find.")
    ] = "",
) -> int:
    """Show the JSON Schema of a kind of record, with which editors complete and check as one types.

    In a store, the names that a record may refer to are offered; others are accepted, as svcops check judges them.
    Without KIND the kinds are listed, with the paths of their files.
    """
    session: Session = ctx.obj
    if kind and folder:
        raise BadInput("--all writes the schemas of all kinds", help="svcops schema --all DIR, or svcops schema KIND.")
    if folder:
        _write_all(session, folder)
    elif kind:
        _show(session, _kind(kind))
    else:
        _list(session)
    return DONE


def _kind(name: str) -> "Kind":
    from svcops.store.layout import KINDS
    from svcops.store.suggest import did_you_mean

    names = {one.name: one for one in KINDS}
    if name not in names:
        near = did_you_mean(name, names)
        raise BadInput(f"there is no kind of record {name!r}", help=near or f"Kinds: {', '.join(names)}.")
    return names[name]


def _list(session: Session) -> None:
    from svcops.checking.schema import description
    from svcops.store.layout import KINDS

    if session.options.json:
        kinds = [{"name": one.name, "path": one.pattern, "description": description(one)} for one in KINDS]
        session.show_json("svcops.kinds/1", kinds=kinds)
    else:
        session.show_table(("kind", "path"), [(one.name, one.pattern) for one in KINDS])


def _show(session: Session, kind: "Kind") -> None:
    from svcops.checking.schema import schema_of

    found = schema_of(kind, _names(session))
    if session.options.json:
        session.show_json("svcops.schema/1", kind=kind.name, path=kind.pattern, json_schema=found)
    else:
        session.show(_text(found).removesuffix("\n"))


def _names(session: Session) -> "Names | None":
    """The names of the store that the call is about; none outside one."""
    from svcops.checking.schema import names_in
    from svcops.store.opening import NoStore

    try:
        return names_in(session.store_untouched.graph)
    except NoStore:
        if session.options.store:
            raise
        return None


def _text(content: Any) -> str:
    return json.dumps(content, indent=2) + "\n"


def _write_all(session: Session, folder: str) -> None:
    from svcops.checking.schema import schema_of
    from svcops.store.layout import KINDS
    from svcops.store.outside import write_whole

    names = _names(session)
    root = (session.store_untouched.root if names else session.here).resolve()
    target = session.place(folder).resolve()
    _refuse(root, target, folder)
    texts = {target / f"{kind.name}.json": _text(schema_of(kind, names)) for kind in KINDS}
    for path in texts:
        _refuse_other(path)
    for path, text in texts.items():
        write_whole(path, text)
    settings = _settings(root, target)
    if session.options.json:
        session.show_json("svcops.schemas/1", files=[str(path) for path in texts], settings=settings)
    elif session.options.quiet:
        for path in texts:
            session.show(str(path))
    else:
        session.show(_text(settings).removesuffix("\n"))
        session.say(f"wrote {len(texts)} files to {folder}; the lines above are for VS Code, in .vscode/settings.json")
        session.say(
            "(extension redhat.vscode-yaml); names of the store are those of now: write them again from time to time"
        )
        session.say(
            "another editor with the YAML language server takes the same setting, or, in a service's file, a line"
        )
        session.say(f"  # yaml-language-server: $schema={_from_a_record(root, target)}")
        session.say(
            "with as many ../ as the record lies deep; once more below each --- of a file with several documents"
        )


def _settings(root: Path, target: Path) -> dict[str, Any]:
    """The setting with which the YAML extension finds the schemas; it does not look into Markdown."""
    from svcops.store.layout import KINDS

    inside = target.is_relative_to(root)
    place = f"./{target.relative_to(root).as_posix()}" if inside else target.as_uri()
    matched = [kind for kind in KINDS if kind.pattern.endswith(".yaml")]
    return {"yaml.schemas": {f"{place}/{kind.name}.json": _matched_alone(kind) for kind in matched}}


def _matched_alone(kind: "Kind") -> str:
    """The paths of a kind's files and of no other's.

    Events lie beside the file of their record, which has no hyphen in its name as they have: that tells them apart in
    every editor, while patterns that exclude came to the YAML language server in autumn 2026.
    """
    from svcops.checking.schema import glob
    from svcops.store.layout import KINDS

    pattern = glob(kind)
    folder = pattern.removesuffix("/*.yaml")
    is_shared = any(glob(other).rpartition("/")[0] == folder for other in KINDS if other is not kind)
    return f"{folder}/*-*.yaml" if is_shared and pattern != folder else pattern


def _from_a_record(root: Path, target: Path) -> str:
    """The way from a record to its schema: a service's, as most stores have one."""
    if not target.is_relative_to(root):
        return f"{target.as_uri()}/service.json"
    return f"../../{target.relative_to(root).as_posix()}/service.json"


def _refuse(root: Path, target: Path, folder: str) -> None:
    from svcops.store.layout import SETTINGS, is_record_folder

    first = target.relative_to(root).parts[:1] if target.is_relative_to(root) else ()
    if (root / SETTINGS).exists() and (target == root or any(map(is_record_folder, first))):
        raise BadInput(f"{folder} is for records", help="Name a folder of its own: svcops schema --all .schemas")


def _refuse_other(path: Path) -> None:
    """Only what an earlier call wrote is written over."""
    from svcops.checking.schema import ID

    if path.exists() and f'"$id": "{ID}' not in path.read_text(encoding="utf-8", errors="replace")[:500]:
        raise BadInput(f"{path} is there already, and no schema of ours", help="Name another folder.")


app = single(
    schema,
    name="schema",
    examples="svcops schema\nsvcops schema service\nsvcops schema --all .schemas",
)
