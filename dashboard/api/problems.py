"""Errors of the API as problem+json (RFC 9457), in the words that the page uses."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """An answer that is an error: `status`, a `title`, and `sentences` that each say what was wrong
    and what would be right.
    """

    def __init__(
        self,
        status: int,
        title: str,
        sentences: Sequence[str],
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.sentences = tuple(sentences)
        self.headers = headers or {}

    @property
    def response(self) -> JSONResponse:
        """The HTTP response."""
        body = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": " ".join(self.sentences),
            "errors": self.sentences,
        }
        return JSONResponse(
            body,
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers={"cache-control": "no-store", **self.headers},
        )


def bad_inputs(sentences: Sequence[str]) -> ProblemError:
    """Inputs that can't be used."""
    return ProblemError(422, "These inputs can't be used", sentences)
