"""`make demo` goes as it is told, with the real data and without."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SVCOPS_REAL_DATA", PROJECT.parent / "shared" / "data"))


@pytest.mark.parametrize("with_data", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_the_demo_goes_as_it_is_told(with_data, tmp_path, env):
    if with_data and not DATA.is_dir():
        pytest.skip(f"no real data at {DATA}; set SVCOPS_REAL_DATA")
    if not shutil.which("svcops", path=str(Path(sys.executable).parent)):
        pytest.skip("svcops is not installed beside this Python")
    data = str(DATA) if with_data else str(tmp_path / "none")
    env = {**os.environ, **env, "TMPDIR": str(tmp_path), "SVCOPS_REAL_DATA": data}
    done = subprocess.run(
        [sys.executable, "scripts/demo.py"], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert ("28 errors" in done.stdout) is with_data
    assert ("98.993" in done.stdout) is with_data
    for told in (
        "cannot be closed yet",
        "breached",
        "9 of 9 cases noticed",
        "All of it holds",
        "content-differs",
        "The site lies at",
    ):
        assert told in done.stdout
    assert next(tmp_path.glob("svcops-demo-*/ops/site/index.html")).is_file()
