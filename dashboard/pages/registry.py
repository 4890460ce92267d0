"""The pages in the order of the navigation; each is declared in its own folder."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.pages import (
    cost,
    data,
    inference,
    overview,
    plan,
    runs,
    scaling,
    supply,
    text,
    track_record,
)
from dashboard.pages.declaration import Page

PAGES: Mapping[str, Page] = {
    page.name: page
    for page in (
        overview.PAGE,
        cost.PAGE,
        supply.PAGE,
        scaling.PAGE,
        text.PAGE,
        inference.PAGE,
        plan.PAGE,
        runs.PAGE,
        track_record.PAGE,
        data.PAGE,
    )
}
