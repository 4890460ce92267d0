from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.serving.own_measurement import measured_factor
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica
from tests.forecasting.serving.test_serving_replica import CHAT, H100, LLAMA_70B, MIXTRAL

LLAMA_ON_H100 = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")


@given(
    factor=st.floats(0.05, 5.0),
    batch=st.floats(1.0, 500.0),
    chips=st.sampled_from([1, 4, 8]),
    model=st.sampled_from([LLAMA_70B, MIXTRAL]),
)
def test_the_factor_of_a_service_is_found_from_its_throughput(
    factor: float, batch: float, chips: int, model: object
) -> None:
    served = replace(LLAMA_ON_H100, model=model)
    true = replace(served, efficiency=served.reached.times(factor))
    replica = Replica(served=true, traffic=CHAT, chips=chips, batch=batch)
    found = measured_factor(
        served,
        CHAT,
        chips=chips,
        batch=batch,
        tokens_per_s_per_chip=replica.tokens_per_s_per_chip,
    )
    assert found == pytest.approx(factor, rel=1e-6)


def test_more_than_overhead_and_links_allow_is_refused_with_the_most_there_can_be() -> None:
    with pytest.raises(InputError, match=r"allow at most \d+\. Check that it counts output tokens"):
        measured_factor(LLAMA_ON_H100, CHAT, chips=8, batch=1, tokens_per_s_per_chip=5000)
