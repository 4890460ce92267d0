"""Two replicas behind nginx with one PostgreSQL, as docs/nginx.conf sets them up; run by `make
soak` where both are found.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import answer, open_page, settle
from tests.server.outliving import move_until, opened_and_shared
from tests.server.served import ROOT, free_port, started, wait_until_healthy
from tests.store.postgresql_server import programs, running

pytestmark = [pytest.mark.soak, pytest.mark.browser]


@dataclass
class Site:
    """The address behind nginx, and the replicas by port."""

    address: str
    replicas: dict[int, subprocess.Popen[bytes]]

    def kill(self, port: int) -> None:
        self.replicas[port].kill()
        self.replicas[port].wait()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    nginx, postgresql = shutil.which("nginx"), programs()
    if nginx is None or postgresql is None:
        missing = "nginx" if nginx is None else "PostgreSQL"
        pytest.skip(
            f"NO {missing.upper()}: it was not found; two replicas behind a proxy were not tested."
        )
    ports = (free_port(), free_port(), free_port())
    config = (ROOT / "docs" / "nginx.conf").read_text()
    for written, used in zip(("8501", "8502", "8080"), ports, strict=True):
        config = config.replace(written, str(used))
    config = config.replace("/run/compute-forecast-nginx.pid", str(tmp_path / "nginx.pid"))
    (tmp_path / "nginx.conf").write_text(config)
    with running(postgresql) as cluster, contextlib.ExitStack() as stack:
        settings = {
            "DATABASE_URL": cluster.address,
            "TRUSTED_PROXIES": "127.0.0.1",
            "STREAMLIT_SERVER_COOKIE_SECRET": "the same on every replica",
        }
        replicas = {port: started(port, settings) for port in ports[:2]}
        for replica in replicas.values():
            stack.callback(replica.wait)
            stack.callback(replica.kill)
        for port in replicas:
            wait_until_healthy(f"http://127.0.0.1:{port}")
        command = [
            nginx,
            "-c",
            str(tmp_path / "nginx.conf"),
            "-e",
            str(tmp_path / "error.log"),
            "-g",
            "daemon off;",
        ]
        proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stack.callback(proxy.wait)
        stack.callback(proxy.terminate)
        wait_until_healthy(f"http://127.0.0.1:{ports[2]}")
        yield Site(f"http://127.0.0.1:{ports[2]}", replicas)


def test_links_open_on_any_replica_and_sessions_outlive_the_death_of_either(
    site: Site, browser: Browser
) -> None:
    first, second = site.replicas
    context = browser.new_context()
    page = context.new_page()
    said, link = opened_and_shared(page, site.address)

    # The link opens on each of the replicas, asked for by itself.
    for port in (first, second):
        other = context.new_page()
        open_page(other, link.replace(site.address, f"http://127.0.0.1:{port}"))
        assert answer(other) == said
        other.close()

    # The visitor goes on when a replica dies, whichever holds the session: its state stands in the
    # address.
    site.kill(first)
    move_until(page, re.compile(r"of 203[4-9]"))
    assert "GPT-3" in answer(page)
    settle(page)
    fresh = context.new_page()
    open_page(fresh, link)
    assert answer(fresh) == said
    context.close()
