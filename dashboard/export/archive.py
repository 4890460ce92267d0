"""All files of an export in one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from dashboard.export import exports, pictures
from dashboard.export.exports import PageExport
from forecasting.data.today import today


def zip_of(shown: PageExport) -> bytes:
    """Table, metadata, chart and a README in one archive; the same bytes for the same numbers on
    the same day.
    """
    files = [
        (f"{shown.stem}.csv", exports.table_csv(shown, comments=False)),
        (f"{shown.stem}.json", exports.json_of(shown)),
        ("README.md", exports.report_bytes(shown)),
    ]
    if shown.figure is not None:
        files += [
            (f"{shown.stem}.svg", pictures.svg_bytes(shown)),
            (f"{shown.stem}.png", pictures.png_bytes(shown)),
        ]
    return packed(files)


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
