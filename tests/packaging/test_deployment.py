"""The image, the compose file and the systemd unit, checked without a container daemon."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from compute_forecast.serve import add_arguments
from tests.server.served import free_port, wait_until_healthy

ROOT = Path(__file__).parents[2]
DOCKERFILE = [
    tuple(line.split(maxsplit=1))
    for line in (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNIT = (ROOT / "deploy" / "compute-forecast.service").read_text(encoding="utf-8")
INSTALLED_AT = "/opt/compute-forecast"


def instructions(kind: str) -> list[str]:
    return [rest for name, rest in DOCKERFILE if name == kind]


def copied() -> list[tuple[list[str], str]]:
    """What is copied from the checkout: sources and target."""
    parts = [line.split() for line in instructions("COPY") if not line.startswith("--from")]
    return [(words[:-1], words[-1]) for words in parts]


def test_the_image_copies_what_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = [line[1:] for line in ignored if line.startswith("!")]
    assert "*" in ignored
    sources = [source for names, _ in copied() for source in names]
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(fnmatch(source, pattern) for pattern in let_in), source
    packages = {"forecasting", "dashboard", "compute_forecast", "datasets", ".streamlit", "app.py"}
    assert packages <= set(sources)


def test_the_image_installs_the_lock_with_hashes_before_the_code() -> None:
    runs = [line for line in instructions("RUN") if "pip install" in line]
    assert "--require-hashes -r requirements.lock" in runs[0]
    assert "--no-deps ." in runs[1]
    assert DOCKERFILE.index(("RUN", runs[0])) < DOCKERFILE.index(
        ("COPY", "forecasting ./forecasting")
    )


def test_the_image_runs_as_nobody_in_particular_and_is_checked() -> None:
    assert instructions("USER") == ["10001"]
    assert "--uid 10001" in next(line for line in instructions("RUN") if "useradd" in line)
    assert len(instructions("HEALTHCHECK")) == 1
    environment = dict(line.split("=", 1) for line in instructions("ENV"))
    assert environment["COMPUTE_FORECAST_STORE"].startswith(instructions("VOLUME")[0])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"].split(":")[0] not in ("0", "root", "")
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_volumes_dependencies_and_files_of_the_services_exist() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (
                (ROOT / source).is_file()
                if source.startswith("./")
                else source in COMPOSE["volumes"]
            )
        for other, condition in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other]
    used = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", [])}
    assert set(COMPOSE["volumes"]) <= used


def test_the_compose_file_starts_workers_that_share_one_store_behind_one_port() -> None:
    app = SERVICES["app"]
    words = [re.sub(r"\$\{\w+:-(\w+)\}", r"\1", word) for word in app["command"]]
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args(words[1:])
    assert words[0] == "serve"
    assert (options.address, options.workers) == ("0.0.0.0", 2)
    assert app["ports"][0].endswith(f":{options.port}")
    # The check of the image asks this port.
    assert str(options.port) in instructions("HEALTHCHECK")[0]
    assert "@database/" in app["environment"]["DATABASE_URL"]
    assert any("install" in line and "haproxy" in line for line in instructions("RUN"))


def test_no_secret_has_a_value_in_the_compose_file() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "COOKIE_SECRET"):
        assert re.findall(rf"\${{{name}(.)", text) == [":"] * len(re.findall(rf"\${{{name}", text))


def test_the_unit_keeps_its_state_where_it_may_write() -> None:
    settings = dict(
        line.split("=", 1) for line in UNIT.splitlines() if "=" in line and not line.startswith("#")
    )
    assert settings["ExecStart"].startswith(f"{INSTALLED_AT}/bin/compute-forecast serve ")
    assert settings["ExecStart"].endswith("--workers ${WORKERS}")
    assert "Environment=WORKERS=2\n" in UNIT
    assert settings["ExecReload"] == "/bin/kill -HUP $MAINPID"
    # systemd takes the end by SIGHUP for one that was meant.
    assert settings["Restart"] == "always"
    assert settings["StateDirectory"] == "compute-forecast"
    assert "COMPUTE_FORECAST_STORE=%S/compute-forecast/" in UNIT
    assert settings["ProtectSystem"] == "strict"
    assert settings["DynamicUser"] == "yes"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="NO SYSTEMD: unit not verified")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "compute-forecast.service"
    unit.write_text(
        UNIT.replace(f"{INSTALLED_AT}/bin/compute-forecast", shutil.which("true") or "")
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "compute-forecast" in line]
    assert ours == []


@pytest.mark.soak
def test_the_commands_of_the_image_make_a_healthy_server(tmp_path: Path) -> None:
    """Each RUN, COPY and ENV of the image in folders of the test, then its command and check."""
    source, place, state = tmp_path / "src", tmp_path / "installed", tmp_path / "state"
    source.mkdir()
    state.mkdir()

    def here(text: str) -> str:
        return text.replace(INSTALLED_AT, str(place)).replace(
            "/var/lib/compute-forecast", str(state)
        )

    for name, rest in DOCKERFILE:
        if name == "COPY" and not rest.startswith("--from"):
            *names, target = rest.split()
            for each in names:
                if (ROOT / each).is_dir():
                    shutil.copytree(ROOT / each, source / target)
                else:
                    shutil.copy(ROOT / each, source / target)
        elif name == "RUN" and not ("useradd" in rest or "apt-get" in rest):
            subprocess.run(shlex.split(here(rest)), cwd=source, check=True, timeout=900)
    shutil.rmtree(source)

    environment = os.environ | {
        key: here(value) for key, value in (line.split("=", 1) for line in instructions("ENV"))
    }
    command = [*json.loads(instructions("ENTRYPOINT")[0]), *json.loads(instructions("CMD")[0])]
    port = free_port()
    environment["PORT"] = command[-1] = str(port)
    command[command.index("0.0.0.0")] = "127.0.0.1"
    empty = tmp_path / "empty"
    empty.mkdir()
    command[0] = str(place / "bin" / command[0])
    process = subprocess.Popen(command, cwd=empty, env=environment)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}")
        check = json.loads(instructions("HEALTHCHECK")[0].split("CMD ", 1)[1])
        subprocess.run(check, cwd=empty, env=environment, check=True, timeout=20)
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert list(empty.iterdir()) == []
