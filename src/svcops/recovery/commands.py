"""svcops drill ..."""

from svcops.recovery import drill_commands, reading_commands  # noqa: F401 - their verbs
from svcops.recovery.noun import app

app.put_in_order("new baseline run harden due list show trend")
