"""What is saved, and what the creator and the reader of a link get."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Share:
    """What a link keeps: the page's query, its answer and versions, and `parts`, compressed
    contents by kind (result, runs, draws …).
    """

    page: str
    query: str
    answer: str
    data_version: str
    model_version: str
    parts: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Saved:
    """What the creator gets: the id of the link, and the token that alone can delete it. Both are
    random, of 128 bits.
    """

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    delete_token: str = field(default_factory=lambda: secrets.token_urlsafe(16))


@dataclass(frozen=True)
class Stored(Share):
    """A share as it was saved, with when (seconds since 1970)."""

    id: str = ""
    created_at: float = 0.0
