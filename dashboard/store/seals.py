"""Checksums of saved links.

Each part is stored under its sha256. A link's seal is the sha256 over all else that was saved and
over which parts belong to it, so that no byte of a link can change unnoticed. When it was last
opened, which changes, and the hash of its delete token are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEALED = ("id", "page", "query", "answer", "data_version", "model_version")


def sha256(data: bytes) -> str:
    """The checksum of a part, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def seal_of(row: Mapping[str, Any], parts: Mapping[str, str]) -> str:
    """The seal of a link: its row in the table of shares, and the checksums of its parts by
    kind.
    """
    saved = [
        *(row[name] for name in SEALED),
        float(row["created_at"]).hex(),
        sorted(parts.items()),
    ]
    return sha256(json.dumps(saved).encode())
