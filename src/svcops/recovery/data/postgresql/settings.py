"""What a server in the scratch folder is told, over whatever came with its data: nothing of it goes out.

What is set on the command line wins over files, postgresql.auto.conf among them; what a client asks for wins over
what is set for a database or a role (https://www.postgresql.org/docs/current/config-setting.html).
"""

from collections.abc import Mapping

PORT = 5432
"""Of the socket's name only: nothing listens on a port."""

_ALWAYS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "ssl": "off",
    "ssl_passphrase_command": "",
    "bonjour": "off",
    # Nothing of it goes out, or acts by itself: it stands beside the one that it is a copy of.
    "archive_mode": "off",
    "archive_command": "",
    "archive_cleanup_command": "",
    "restore_command": "false",
    "recovery_end_command": "",
    "primary_conninfo": "",
    "primary_slot_name": "",
    "shared_preload_libraries": "",
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "jit": "off",
    "external_pid_file": "",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "event_source": "",
    # It is recovered as far as the drill says.
    "recovery_target": "",
    "recovery_target_lsn": "",
    "recovery_target_time": "",
    "recovery_target_xid": "",
    "recovery_target_name": "",  # the last, as it is the one that is set; in any other order the server refuses it
    "recovery_target_timeline": "latest",
    "recovery_min_apply_delay": "0",
    # It is thrown away.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "synchronous_standby_names": "",
    "autovacuum": "off",
    "dynamic_shared_memory_type": "mmap",
    "hot_standby": "off",
    "restart_after_crash": "off",
    # What it says goes to the log of the stage, which is kept: statements, in which passwords stand, do not.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "lc_messages": "C",
    "log_line_prefix": "",
}
_SINCE: Mapping[int, Mapping[str, str]] = {15: {"archive_library": ""}}
"""A server does not start with a setting that it does not know."""
_BEFORE: Mapping[int, Mapping[str, str]] = {15: {"stats_temp_directory": "pg_stat_tmp"}}

_ASKED: Mapping[str, str] = {
    "session_preload_libraries": "",
    "local_preload_libraries": "",
    "default_transaction_read_only": "off",
    "lc_messages": "C",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    # What is set for a database or a role must end nothing: the limits are those of the plan.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
_ASKED_SINCE: Mapping[int, Mapping[str, str]] = {17: {"event_triggers": "off", "transaction_timeout": "0"}}


def settings(major: int) -> dict[str, str]:
    """What a server of a version is told."""
    found = dict(_ALWAYS)
    for since, more in _SINCE.items():
        found |= more if major >= since else {}
    for before, more in _BEFORE.items():
        found |= more if major < before else {}
    return found


def client_options(major: int) -> str:
    """What its clients ask for, as PGOPTIONS takes it."""
    found = dict(_ASKED)
    for since, more in _ASKED_SINCE.items():
        found |= more if major >= since else {}
    return " ".join(f"-c {name}={value}" for name, value in found.items())
