from __future__ import annotations

from forecasting.data.dataset import BUNDLED_FOLDER
from forecasting.data.licences import licences_page
from tests.vintage import shipped


def test_the_page_of_licences_is_up_to_date() -> None:
    written = (BUNDLED_FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    assert written == licences_page(shipped().catalogue), "run make licences"


def test_every_table_is_listed_with_its_licences_and_sources() -> None:
    page = licences_page(shipped().catalogue)
    for info in shipped().catalogue.values():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{info.file}` |"))
        assert all(each.title in row for each in (*info.licences, *info.sources))
