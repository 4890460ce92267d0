"""Files in one archive, the same bytes on the same day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from forecasting.data.today import today


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files, each with its name, as a zip of today."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(
                zipfile.ZipInfo(name, date_time=(*today().timetuple()[:3], 0, 0, 0)),
                data,
                zipfile.ZIP_DEFLATED,
            )
    return held.getvalue()
