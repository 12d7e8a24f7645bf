"""What can go wrong for a caller, each with its exit code (DESIGN, "The command line").

An error owns its message: subclasses take facts, not prose, and the boundary in `svcops.cli.main` only prints
`message`, then `help`. Findings about records are values (`svcops.checking.model`), never exceptions.
"""

DONE = 0
ANSWER_IS_NO = 1
BAD_INPUT = 2
NOT_DONE = 3
NOT_ENOUGH_DATA = 4
INTERRUPTED = 130


class SvcopsError(Exception):
    """Base of everything the boundary turns into one clear message.

    `message` is one or more lines saying what is wrong; `help` says what to type or do next.
    """

    exit_code = NOT_DONE

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class Refused(SvcopsError):
    """The question was understood and its answer is no: a gate is closed, a move is illegal."""

    exit_code = ANSWER_IS_NO


class BadInput(SvcopsError):
    """The call or the input is wrong: an unknown name, a damaged file, a missing column."""

    exit_code = BAD_INPUT


class NotDone(SvcopsError):
    """It could not be done: a lock, git, the disk, a source that does not answer."""

    exit_code = NOT_DONE


class NotEnoughData(SvcopsError):
    """There is not enough data to say yes or no."""

    exit_code = NOT_ENOUGH_DATA
