from __future__ import annotations

import json

from tests.tools.audit import verdict

CLEAN = {"name": "one", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "two", "skip_reason": "Dependency not found on PyPI"}
BAD = CLEAN | {"vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1"]}]}


def judged(*packages: object, errors: str = "") -> tuple[str, int]:
    return verdict(json.dumps({"dependencies": packages, "fixes": []}), errors)


def test_a_known_vulnerability_fails_and_names_the_fix() -> None:
    sentence, code = judged(CLEAN, UNKNOWN, BAD)
    assert code == 1
    assert sentence.splitlines()[1:] == ["one 1.0: CVE-2026-1, fixed in 1.1"]


def test_packages_without_one_pass() -> None:
    assert judged(CLEAN, UNKNOWN) == (
        "No known vulnerability in 1 locked packages. 1 are unknown to the service.",
        0,
    )


def test_no_network_skips_in_one_line() -> None:
    sentence, code = verdict("", "requests.exceptions.ConnectionError: HTTPSConnectionPool")
    assert (sentence.startswith("Dependency audit skipped"), code) == (True, 0)
    sentence, code = judged(UNKNOWN)
    assert (sentence.startswith("Dependency audit skipped"), code) == (True, 0)
    assert "\n" not in sentence


def test_any_other_failure_is_one() -> None:
    assert verdict("", "invalid requirements input")[1] == 1
