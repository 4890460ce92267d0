"""How many examples each property is tried on: few in `make test`, many in `make soak`.

    @given(...)                      # what takes milliseconds: 20, in soak 2,000
    @examples(quick=12, soak=300)    # what takes longer says both numbers
    @draws_a_page                    # what draws a whole page

The numbers in soak are such that the whole of it ends within an hour or so on two cores.
"""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

SOAK = bool(os.environ.get("COMPUTE_FORECAST_SOAK"))
QUICK_EXAMPLES, SOAK_EXAMPLES = 20, 2000

# A client or a store that serves every example is meant to be the same for all of them.
_COMMON: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("quick", max_examples=QUICK_EXAMPLES, derandomize=True, **_COMMON)
settings.register_profile("soak", max_examples=SOAK_EXAMPLES, print_blob=True, **_COMMON)
settings.load_profile("soak" if SOAK else "quick")


def examples(*, quick: int = QUICK_EXAMPLES, soak: int = SOAK_EXAMPLES, **more: Any) -> settings:
    """The decorator of a property with numbers of its own; `more` are further settings of
    hypothesis.
    """
    return settings(max_examples=soak if SOAK else quick, **more)


#: For a property each of whose examples draws a page.
draws_a_page = examples(quick=3, soak=60)
