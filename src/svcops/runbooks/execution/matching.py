"""A program beside svcops that matches one regular expression, so that one that comes to no end can be ended.

It is started by its path, with `python -I -S`, a file that holds the expression and one that holds the text. It says
`[whether something matches, its first group, or all of it where there is none]` as JSON.
"""

import json
import re
import sys
from pathlib import Path


def found_in(pattern: str, text: str) -> tuple[bool, str | None]:
    """Whether something matches, and the first group of it, or all of it; a group may have no part in it."""
    found = re.search(pattern, text, re.MULTILINE)
    return (True, found[1 if found.re.groups else 0]) if found else (False, None)


def main() -> None:
    """Match, and say what was found."""
    pattern, text = (Path(one).read_bytes().decode("utf-8", "surrogatepass") for one in sys.argv[1:])
    print(json.dumps(found_in(pattern, text)))


if __name__ == "__main__":
    main()
