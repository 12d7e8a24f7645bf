"""Files outside a store are written whole or not at all, and whoever cannot write one is told which."""

import subprocess
import sys

import pytest

from svcops.store.made_folder import Maker, write
from svcops.store.outside import write_whole

FULL = """
import resource, signal, sys
from pathlib import Path
from svcops.store.made_folder import Maker, write
from svcops.store.outside import write_whole
sys.dont_write_bytecode = True
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))
place = Path(sys.argv[1])
try:
    {call}
except Exception as error:
    print(error)
"""
PAGES = 'write(Maker(".m", "s", "c", "--output"), place, {"index.html": b"x" * 900})'


def on_a_full_disk(call, place):
    words = [sys.executable, "-c", FULL.replace("{call}", call), str(place)]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_what_does_not_fit_is_named_and_the_old_file_stays(tmp_path):
    write_whole(tmp_path / "x.html", "old")
    said = on_a_full_disk('write_whole(place, "x" * 900)', tmp_path / "x.html")
    assert said == f"{tmp_path}/x.html cannot be written: File too large\n"
    assert (tmp_path / "x.html").read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["x.html"]


def test_of_a_folder_the_file_is_named_and_the_old_ones_stay(tmp_path):
    write(Maker(".m", "s", "c", "--output"), tmp_path / "d", {"index.html": b"old"})
    assert on_a_full_disk(PAGES, tmp_path / "d") == f"{tmp_path}/d/index.html cannot be written: File too large\n"
    assert (tmp_path / "d/index.html").read_bytes() == b"old"
    assert sorted(one.name for one in (tmp_path / "d").iterdir()) == [".m", "index.html"]


@pytest.mark.parametrize("above", ["a file", "a folder"])
def test_a_place_that_cannot_be_is_named(tmp_path, above):
    (tmp_path / "x").touch() if above == "a file" else (tmp_path / "x" / "y").mkdir(parents=True)
    with pytest.raises(Exception, match=r"x/y cannot be written: (Not a directory|Is a directory|File exists)"):
        write_whole(tmp_path / "x" / "y", "text")
