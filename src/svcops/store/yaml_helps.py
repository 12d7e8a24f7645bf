"""What most likely is wrong with a file that is no YAML, or not the YAML of records, and what to do about it."""

HELPS = {
    "YAML002": "Mend these first; then the others are listed.",
    "YAML003": "Records are plain data: text, numbers, true and false, null, lists and mappings. Take the tag away.",
    "YAML004": "Write the values out where they belong.",
    "YAML005": "Write the key as text; in quotes where it begins with one of [ ] { } * & ! or a question mark.",
    "YAML006": "A file holds one record: move what follows the line --- into a file of its own.",
    "YAML007": "No record needs that: write it with fewer levels.",
}
"""By the code of the finding, where nothing more exact is known."""

_SYNTAX_HELPS = (
    ("mapping values are not allowed", 'Put a text that has ": " in it in quotes, or align this key with those above.'),
    ("cannot start any token", "Put a text that begins with @, `, % or a tab in quotes."),
    ("escape", "Write \\\\ for a backslash within \"...\", or put the text in '...'."),
    ("alias", "Put a text that begins with * in quotes."),
    ("anchor", "Put a text that begins with & in quotes."),
    ("tag", "Put a text that begins with ! in quotes."),
    ("incompatible YAML", "Take the line away that begins with %YAML."),
    ("quoted scalar", "Close the quotation mark; one within a text is written \\\" or ''."),
    ("flow sequence", "Close the bracket ], and put a comma between the items."),
    ("flow mapping", "Close the brace }, and put a comma between the keys."),
    (
        "could not find expected ':'",
        "Put a colon and a space behind the key, or quotes around a text of several lines.",
    ),
    ("did not find expected '-' indicator", "Align the dashes of a list, and its keys with one another."),
    ("block mapping", "Align this line with the keys above it, and close the quotation marks there."),
    ("block collection", "Align the dashes of a list, and its keys with one another."),
)
"""What to try, by words of libyaml's message; the first that fits."""
_ANY_SYNTAX_HELP = "Look at the indentation and the quotes, here and on the line above."


def syntax_help(message: str, line: str) -> str:
    """By libyaml's words, and by the line that it stopped at."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "Indent with spaces: a tab is no indentation in YAML."
    return next((help_ for words, help_ in _SYNTAX_HELPS if words in message), _ANY_SYNTAX_HELP)
