"""Checks the locked packages for known vulnerabilities: python -m tests.tools.audit

Fails where one is found. Where no service answers, or the one that answers does not know the
packages (as the mirror of a closed network may not), it says in one line that nothing was audited.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
MAX_SECONDS = 90
#: What pip-audit's errors say where no service could be reached.
UNREACHABLE = ("ConnectionError", "ProxyError", "Max retries", "Timeout", "Could not connect")
SKIPPED = "Dependency audit skipped: "


def verdict(report: str, errors: str) -> tuple[str, int]:
    """What to print, and the exit code, for what pip-audit wrote to stdout and stderr."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        if any(word in errors for word in UNREACHABLE):
            return SKIPPED + "no vulnerability service could be reached.", 0
        return "The dependency audit failed:\n" + errors, 1
    audited = [package for package in packages if "vulns" in package]
    found = [
        f"{package['name']} {package['version']}: {each['id']}, fixed in"
        f" {', '.join(each['fix_versions']) or 'no version'}"
        for package in audited
        for each in package["vulns"]
    ]
    if found:
        return "\n".join(["Known vulnerabilities in requirements.lock:", *found]), 1
    if not audited:
        return SKIPPED + f"the service knows none of the {len(packages)} packages.", 0
    unknown = len(packages) - len(audited)
    rest = f" {unknown} are unknown to the service." if unknown else ""
    return f"No known vulnerability in {len(audited)} locked packages.{rest}", 0


def main() -> int:
    command = [
        sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip",
        "--progress-spinner=off", "--format=json", "--timeout=10", f"--requirement={LOCK}",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=MAX_SECONDS
        )
    except subprocess.TimeoutExpired:
        print(SKIPPED + f"no answer within {MAX_SECONDS} s.")
        return 0
    sentence, code = verdict(done.stdout, done.stderr)
    print(sentence)
    return code


if __name__ == "__main__":
    sys.exit(main())
