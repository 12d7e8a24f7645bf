"""A plan for which no agreement in force says how long a recovery may take, or how old the data may be."""

from collections.abc import Iterator

from svcops.catalogue.agreements import today
from svcops.checking.model import Finding
from svcops.checking.rule import Context, Rule
from svcops.recovery.facts import target_of


def _find(context: Context) -> Iterator[Finding]:
    graph = context.graph
    day = today(graph, context.now)
    for plan in graph.all("recovery-plan").values():
        if plan.value.backup is None:
            continue
        target = target_of(graph, plan.value, day)
        missing = [name for name, value in (("RTO", target.rto), ("RPO", target.rpo)) if value is None]
        if missing:
            whose = f"the agreement {plan.value.agreement}" if plan.value.agreement else "an agreement of its services"
            message = f"no {' and no '.join(missing)} is in force, so no drill of it can pass"
            help_ = f"Write {' and '.join(one.lower() for one in missing)} into {whose}."
            named = graph.all("agreement").get(plan.value.agreement or "")
            if named and not set(named.value.services) & set(plan.value.services):
                message = f"the agreement {named.name} is of none of its services, so no drill of it can pass"
                help_ = f"Name one that is of {', '.join(plan.value.services)}, or none: the strictest counts then."
            at = plan.at("agreement") if plan.value.agreement else plan.at("services")
            yield Finding("REC003", message, at, help_, severity="warning")


RULE = Rule("REC003", "a recovery plan without agreed targets", "warning", find=_find, rests_on=("agreement",))
