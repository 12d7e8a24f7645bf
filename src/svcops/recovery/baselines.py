"""Taking a baseline: data and fingerprint of one state, kept as a snapshot, and written down apart from it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from svcops.errors import NotDone
from svcops.recovery.drilling.drills import check_it_may_be_run, folder_of_drills, kept_in_scratch
from svcops.recovery.drilling.journal import Goes, held
from svcops.recovery.interface import Current, Failed, Snapshot, Work
from svcops.recovery.model import Baseline, Fingerprint
from svcops.recovery.plan import RecoveryPlan
from svcops.recovery.registry import data_set_of, repository_of
from svcops.runbooks.execution.runs import Clock, ended_in_order
from svcops.store.change import Change
from svcops.store.entries import Entry
from svcops.store.events import subject
from svcops.store.ids import new_id, tail
from svcops.store.recording import bytes_of
from svcops.timing.model import with_offset

if TYPE_CHECKING:
    from svcops.terminal.session import Session


def take(session: "Session", plan: Entry[RecoveryPlan], tell: Callable[[str], None]) -> tuple[str, Baseline, Change]:
    """Export all data of a plan, keep it as a snapshot, and the record of what it holds.

    NotDone with the reason where the data cannot be taken, or is not kept; Goes where the plan is at work already.
    """
    check_it_may_be_run(session, plan)
    clock = Clock(session)
    with held(folder_of_drills(session), plan.name) as is_free:
        if not is_free:
            raise Goes(plan.name)
        began = clock()
        snapshot, found = _kept(session, plan, clock, tell)
    baseline = Baseline(
        plan=plan.name,
        snapshot=snapshot.id,
        taken_at=with_offset(min(began, snapshot.taken_at), session.zone),  # what was changed since is not in it
        by=session.store.me(),
        data=found,
    )
    name = new_id("baseline", clock(), session.random_bytes)
    path = f"recovery/baselines/{plan.name}/{name}.yaml"
    line = subject(f"Baseline {tail(name)} of {plan.name}: snapshot {snapshot.id}")
    return name, baseline, Change(line, {path: bytes_of(baseline)}, records=(name,))


def _kept(
    session: "Session", plan: Entry[RecoveryPlan], clock: Clock, tell: Callable[[str], None]
) -> tuple[Snapshot, tuple[Fingerprint, ...]]:
    """The snapshot that was kept, and what went into it."""
    assert plan.value.backup, "checked before"
    with (
        ended_in_order(f"taking a baseline of {plan.name}"),
        kept_in_scratch(session, plan.value) as (keeper, scratch),
    ):
        work = Work(keeper, scratch, session.store.root, session.env, clock, Current())
        repository = repository_of(plan.value.backup, work)
        folder = scratch / "exported"
        folder.mkdir()
        try:
            found = []
            for one in plan.value.data:
                tell(f"export {one.name}")
                found.append(data_set_of(one, work).export(folder))
            tell("keep it as a snapshot")
            return repository.keep(folder), tuple(found)
        except Failed as error:
            raise NotDone(f"no baseline of {plan.name}: {error.message}") from None
        except OSError as error:
            where = error.filename or "the system"
            raise NotDone(f"no baseline of {plan.name}: {where}: {error.strerror}") from None
