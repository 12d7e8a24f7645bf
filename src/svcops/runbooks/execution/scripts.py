"""How the fenced code of a step is run by bash, so that what it exports is known at its end."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

_OF_THE_SHELL = frozenset({"_", "PWD", "OLDPWD", "SHLVL", "BASH_ENV"})
"""Variables that a shell sets by itself."""
_OURS = ("BASH_FUNC_", "_svcops_")
_BY_BASH = r"(?:\S+: unbound variable|\S+: parameter (?:null or )?not set|syntax error|unexpected EOF)"
"""What bash itself ends a script by, before or without what it would have run."""
_NOT_STARTED = {"126", "127"}
"""Exit codes of what could not be run."""
_KEEP = """\
_svcops_keep() {{
  local _svcops_status=$? _svcops_pipe="${{PIPESTATUS[*]}}"
  command env -0 >{exports} || :
  printf %s "$_svcops_pipe" >{pipe} || :
  return "$_svcops_status"
}}
"""
_ADD = r"""
trap() {
  builtin trap "$@" || return
  if [[ $BASHPID == "$$" ]]; then
    local _svcops_trap
    _svcops_trap=$(builtin trap -p EXIT)
    if [[ $_svcops_trap != "trap -- '_svcops_keep "* ]]; then
      _svcops_trap=${_svcops_trap#trap -- }
      eval "builtin trap -- '_svcops_keep && :'\$'\\n'${_svcops_trap% EXIT} EXIT"
    fi
  fi
}
"""
"""What the step itself does at its end comes after what keeps its exports, and still sees the exit code in $?."""
_RUN = "builtin trap -- '_svcops_keep && :' EXIT\n. {script}"
"""The script has the lines that errors name."""
_OTHER_TRAPS = re.compile(r"\b(?:DEBUG|RETURN)\b", re.IGNORECASE)
"""Traps that the function above would itself set off: a step with such has `trap` as bash has it."""


class Script:
    """One fenced code of a step: run in a scratch folder, where it leaves what it exports."""

    def __init__(self, scratch: Path, name: str, text: str) -> None:
        self._own = re.compile(rf"^{re.escape(str(scratch / name))}: line \d+: (?P<why>{_BY_BASH}.*)", re.MULTILINE)
        self._exports, self._pipe = scratch / "exports", scratch / "pipe"
        path = scratch / name
        path.write_text(text, encoding="utf-8")
        keep = _KEEP.format(exports=quote(str(self._exports)), pipe=quote(str(self._pipe)))
        adds = "" if _OTHER_TRAPS.search(text) else _ADD
        self.argv = ("bash", "-euo", "pipefail", "-c", keep + adds + _RUN.format(script=quote(str(path))))

    def exported(self, before: Mapping[str, str]) -> dict[str, str]:
        """What it exports that it was not given, or with another value; nothing where it was ended from outside."""
        try:
            text = os.fsdecode(self._exports.read_bytes())
        except FileNotFoundError:
            return {}
        self._exports.unlink()
        found = dict(one.partition("=")[::2] for one in text.split("\0") if "=" in one)
        return {
            name: value
            for name, value in found.items()
            if name not in _OF_THE_SHELL and not name.startswith(_OURS) and before.get(name) != value
        }

    def broke_off(self, said: str) -> str:
        """Why bash itself could not go on, so that what the step looks at was not looked at; empty where it could."""
        found = self._own.search(said)
        return found["why"].strip() if found else ""

    def lacked_a_program(self) -> bool:
        """Whether a program of the pipe at which it ended could not be started, whatever the others made of that."""
        try:
            codes = self._pipe.read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return False
        self._pipe.unlink()
        return not _NOT_STARTED.isdisjoint(codes)
