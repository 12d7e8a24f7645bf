"""What to do about events whose record is gone: other people's stories are not removed with it."""


def brought_back(folder: str, gone: str) -> str:
    """How what a commit took out of a record's folder comes back from git's history."""
    named = f"git log --diff-filter=D -- {gone} names the commit that took it away"
    return f"{named}, and git checkout COMMIT^ -- {folder} brings it back."
