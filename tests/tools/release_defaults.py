"""Records the defaults of each page's present version where they are not on record yet:
python -m tests.tools.release_defaults

Run it with the commit that adds a page or raises a VERSION; what is on record never changes.
"""

from __future__ import annotations

import json
from pathlib import Path

from dashboard.pages.registry import PAGES

FOLDER = Path(__file__).parents[1] / "forecasting" / "released_defaults"


def main() -> None:
    for page in PAGES.values():
        version = page.scenario.VERSION
        path = FOLDER / f"{page.name}.v{version}.json"
        if not path.exists():
            defaults = page.scenario.defaults(version)
            path.write_text(json.dumps(defaults, indent=1, sort_keys=True, default=str) + "\n")
            print(path.name)


if __name__ == "__main__":
    main()
