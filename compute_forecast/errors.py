"""What ends a command, and its exit code."""

from __future__ import annotations

OK = 0
#: An input or a file can't be used, or a check has found something.
FAILED = 1
#: The command line itself is wrong; argparse exits with this code too.
USAGE = 2


class CommandError(Exception):
    """Ends a command with a sentence for the user; `code` is the exit code."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        self.code = code
        super().__init__(sentence)
