"""svcops rules: everything that the check looks for."""

from typing import TYPE_CHECKING

from svcops.errors import DONE
from svcops.terminal.command import Context, single

if TYPE_CHECKING:
    from svcops.terminal.session import Session


def rules(ctx: Context) -> int:
    """List the rules of the check: code, severity, what it finds, and whether `svcops check --fix` may mend it.

    svcops explain CODE says more of one.
    """
    from svcops.checking.registry import rules as known

    session: Session = ctx.obj
    found = known()
    if session.options.json:
        listed = [{"code": one.code, "severity": one.severity, "title": one.title, "fix": one.fixes} for one in found]
        session.show_json("svcops.rules/1", rules=listed)
    else:
        session.show_table(
            ("code", "severity", "what it finds", "fix"),
            [(one.code, one.severity, one.title, "yes" if one.fixes else "") for one in found],
        )
    return DONE


rules_app = single(rules, name="rules", examples="svcops rules\nsvcops rules --json\nsvcops rules --quiet")
