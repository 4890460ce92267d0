"""Cuts Streamlit's fonts to what pages show: `python -m tests.tools.cut_fonts`.

Icons: those that the product's and Streamlit's sources name. Letters: Latin, Greek and the signs of
formulas; a letter that is missing is shown in a font of the reader's system.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from dashboard.server.static_files import CUT_FONTS, FONTS, static_folder

ROOT = Path(__file__).parents[2]
ICON = re.compile(r":material/([a-z0-9_]+)")
LETTERS = (
    *range(0x20, 0x180), *range(0x2B0, 0x300), *range(0x370, 0x400), *range(0x1E80, 0x1E86),
    *range(0x2000, 0x2070), *range(0x2070, 0x20A0), *range(0x20A0, 0x20C0), *range(0x2100, 0x2150),
    *range(0x2150, 0x2190), *range(0x2190, 0x2200), *range(0x2200, 0x2300), *range(0x25A0, 0x2600),
    0x2713, 0x2717, 0xFB01, 0xFB02,
)  # fmt: skip


def icons() -> set[str]:
    """The icons that any source names."""
    folders = ("dashboard", "forecasting")
    ours = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    theirs = (static_folder() / "static" / "js").glob("*.js")
    found: set[str] = set()
    for file in (*ours, *theirs):
        found.update(ICON.findall(file.read_text(encoding="utf-8")))
    return found


def original(start: str) -> Path:
    """Streamlit's file of a font, by the beginning of its name."""
    (file,) = (static_folder() / "static" / "media").glob(f"{start}*")
    return file


def icon_font(file: Path) -> TTFont:
    """The icons with the letters that spell their names."""
    font = TTFont(file)
    spelled = glyphs_by_name(font)
    letters = {font.getBestCmap()[ord(each)] for each in "abcdefghijklmnopqrstuvwxyz0123456789_"}
    # Not by the closure over ligatures: the letters spell all icons there are.
    options = subset.Options(layout_closure=False, layout_features=["*"], notdef_outline=True)
    return _cut(font, options, glyphs=letters | {spelled[name] for name in icons() & set(spelled)})


def glyphs_by_name(font: TTFont) -> dict[str, str]:
    """The glyph of each icon, by the letters for which it stands."""
    letters = {glyph: chr(code) for code, glyph in font.getBestCmap().items()}
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for each in lookup.SubTable:
            table = getattr(each, "ExtSubTable", each)
            for first, ligatures in getattr(table, "ligatures", {}).items():
                for one in ligatures:
                    parts = (first, *one.Component)
                    found["".join(letters.get(part, "?") for part in parts)] = one.LigGlyph
    return found


def text_font(file: Path) -> TTFont:
    """The letters of texts."""
    features = ["kern", "mark", "mkmk", "liga", "locl", "ccmp", "sups"]
    options = subset.Options(layout_features=features)
    font = _cut(TTFont(file), options, unicodes=LETTERS)
    # Its licence asks that a changed version has another name.
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6, 16, 25):
            record.string = re.sub(
                r"Source ?Sans ?3?(VF| VF)?", "Compute Forecast Sans", str(record)
            )
    return font


def _cut(font: TTFont, options: subset.Options, **what: object) -> TTFont:
    cutter = subset.Subsetter(options)
    cutter.populate(**what)
    cutter.subset(font)
    return font


def main() -> None:
    """Write both."""
    FONTS.mkdir(exist_ok=True)
    for (start, place), make in zip(CUT_FONTS.items(), (icon_font, text_font), strict=True):
        font = make(original(start))
        font.flavor = "woff2"
        held = BytesIO()
        font.save(held)
        place.write_bytes(held.getvalue())
        print(f"{place.relative_to(ROOT)}: {len(held.getvalue()):,} bytes")


if __name__ == "__main__":
    main()
