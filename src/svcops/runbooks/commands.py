"""svcops runbook ..."""

from svcops.runbooks import link_commands, reading_commands, run_commands  # noqa: F401 - their verbs
from svcops.runbooks.noun import app

app.put_in_order("new list show run history links")
