"""A real Prometheus on loopback, with samples backfilled into its blocks."""

import json
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Prometheus:
    """The HTTP API of one that runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=30) as answer:
            return json.load(answer)

    def value(self, expression: str, at: float) -> float | None:
        """The one value of an instant query; None where it gives none."""
        result = self.get("/api/v1/query", query=expression, time=str(at))["data"]["result"]
        assert len(result) <= 1, expression
        return float(result[0]["value"][1]) if result else None


def needed() -> None:
    """Skip where there is no Prometheus."""
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip("prometheus is not installed")


@contextmanager
def running(folder: Path, openmetrics: str) -> Iterator[Prometheus]:
    """One that has these samples, until the block ends."""
    text, data, config = folder / "samples.om", folder / "data", folder / "prometheus.yml"
    text.write_text(openmetrics)
    config.write_text("global: {}\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(data)],
        check=True,
        capture_output=True,
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=100y",
            "--query.lookback-delta=5m",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _when_ready(Prometheus(f"http://127.0.0.1:{port}"), process)
    finally:
        process.kill()
        process.wait()


def _when_ready(one: Prometheus, process: "subprocess.Popen[bytes]") -> Prometheus:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{one.url}/-/ready", timeout=5).close()
        except OSError:
            assert process.poll() is None, "it ended"
            time.sleep(0.05)
        else:
            return one
    raise AssertionError("it never was ready")
