"""The content security policy of an answer: scripts, styles and connections of this server alone.

Documents name their own inline scripts by hash, so that one that was let in from outside does not
run. Streamlit and Plotly set styles of elements, which no policy tells from others.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

_INLINE = re.compile(r"<script>(.*?)</script>", re.S)
_HANDLER = re.compile(r'\son[a-z]+="([^"]*)"')
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
#: Of documents that are not ours, such as Streamlit's own for an address that we leave to it.
ANY_INLINE = "'unsafe-inline'"


def policy(host: str, *, inline: str = ANY_INLINE, is_embedded: bool = False) -> str:
    """The policy.

    Parameters
    ----------
    host : str
        The host that the browser asked, to which it may open sockets.
    inline : str
        The inline scripts that run, as `inline_of` gives them.
    is_embedded : bool
        Whether the document is made to be framed by any page.
    """
    # Browsers that do not count sockets among 'self' are told the host's.
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    framed_by = () if is_embedded else ("frame-ancestors 'self'",)
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {inline} blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            # None for what is embedded: even * leaves out pages opened from a file.
            *framed_by,
        )
    )


def inline_of(document: str) -> str:
    """The inline scripts of a document, by hash."""
    scripts = " ".join(map(_hash, _INLINE.findall(document)))
    handlers = " ".join(map(_hash, dict.fromkeys(_HANDLER.findall(document))))
    return f"{scripts} 'unsafe-hashes' {handlers}" if handlers else scripts


@lru_cache(256)
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
