"""`svcops incident notices`: who outside is told what, and whether that works."""

from typing import Annotated

from svcops.errors import DONE, BadInput, NotDone
from svcops.incidents.noun import app
from svcops.terminal.command import Context, Option
from svcops.terminal.session import Session


@app.verb("notices", examples="svcops incident notices\nsvcops incident notices --test chat")
def notices(
    ctx: Context,
    test: Annotated[
        str, Option("--test", metavar="NAME", help="Send a test to this one now, and say how it went.")
    ] = "",
) -> int:
    """List who outside is told when something happens to an incident, as svcops.yaml names them.

    An address is a secret: the settings name the environment variable that holds it, such as SVCOPS_NOTICE_CHAT. Where
    that is not set, nothing is sent.
    """
    session: Session = ctx.obj
    every = session.store.graph.settings.notices
    if test:
        return _test(session, test)
    if session.options.json:
        listed = [
            {
                "name": one.name,
                "kind": one.kind,
                "address": one.address,
                "is_set": bool(session.env.get(one.address)),
                "on": list(one.on),
                "severities": list(one.severities),
                "has_template": bool(one.template),
            }
            for one in every
        ]
        session.show_json("svcops.notices/1", notices=listed)
        return DONE
    rows = [
        (
            one.name,
            one.kind,
            f"{one.address} {'set' if session.env.get(one.address) else 'not set'}",
            ", ".join(one.on),
            ", ".join(one.severities) or "every severity",
        )
        for one in every
    ]
    session.show_table(("name", "kind", "address", "on", "severities"), rows, empty="svcops.yaml names no notices.")
    return DONE


def _test(session: Session, name: str) -> int:
    """Send a test, in the foreground; NotDone where it does not get there."""
    from svcops.incidents.notice_templates import BadTemplate
    from svcops.incidents.notices import Patience, try_out
    from svcops.store.suggest import did_you_mean

    every = session.store.graph.settings.notices
    notice = next((one for one in every if one.name == name), None)
    if notice is None:
        near = did_you_mean(name, [one.name for one in every])
        raise BadInput(f"there is no notice {name!r}", help=near or "svcops.yaml holds them, under notices.")
    if not session.env.get(notice.address):
        raise NotDone(f"{notice.address} is not set, so nothing is sent to {name}", help=f"export {notice.address}=...")
    try:
        failed = try_out(session, notice, Patience())
    except BadTemplate as error:
        raise NotDone(f"the template of {name}: {error}", help="One plain line is sent until it is mended.") from None
    if failed:
        raise NotDone(f"the test did not get to {name}: {failed}", help=f"{notice.address} holds the address.")
    if session.options.json:
        session.show_json("svcops.notice-test/1", notice=name, sent=True)
    else:
        session.show(name)
        session.say(f"the test got to {name}")
    return DONE
