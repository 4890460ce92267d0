"""requirements.lock against the requirements it was made from, without a network."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
REMEDY = "run make lock"


def pins() -> dict[str, list[Requirement]]:
    """The pins of each package; those of one package differ in their markers."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(r"^[A-Za-z0-9][^\\\n]*", LOCK, flags=re.MULTILINE):
        pin = Requirement(line.strip())
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def listed() -> list[Requirement]:
    return [
        Requirement(line.split(" #")[0])
        for file in ("requirements.txt", "requirements-postgresql.txt")
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
        if line[:1].isalpha()
    ]


def reached(requirement: Requirement, seen: set[str]) -> Iterator[Requirement]:
    """A requirement and, as far as packages are installed, all that they require in turn."""
    yield requirement
    key = f"{canonicalize_name(requirement.name)}{sorted(requirement.extras)}"
    if key in seen:
        return
    seen.add(key)
    try:
        lines = importlib.metadata.requires(requirement.name) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for line in lines:
        needed = Requirement(line)
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
        ):
            yield from reached(needed, seen)


def test_every_requirement_has_a_pin_that_satisfies_it() -> None:
    locked = pins()
    for requirement in listed():
        versions = [
            next(iter(pin.specifier)).version
            for pin in locked.get(canonicalize_name(requirement.name), [])
        ]
        assert versions, f"{requirement.name} has no pin: {REMEDY}"
        for version in versions:
            assert Version(version) in requirement.specifier, (
                f"{requirement.name} {version} does not satisfy {requirement.specifier}: {REMEDY}"
            )


def test_every_package_that_the_installed_ones_need_is_pinned() -> None:
    locked = pins()
    seen: set[str] = set()
    for requirement in listed():
        for needed in reached(requirement, seen):
            assert canonicalize_name(needed.name) in locked, f"{needed.name} is missing: {REMEDY}"


def test_every_pin_is_exact_and_has_a_hash() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == sum(map(len, pins().values())) > 40
    for block in blocks:
        assert re.match(r"[\w.-]+==[\w.]+", block), block.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block.splitlines()[0]


def test_the_lock_names_no_registry() -> None:
    assert "://" not in LOCK
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host", LOCK)
