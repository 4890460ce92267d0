from __future__ import annotations

import numpy as np
import pytest

from forecasting.errors import InputError
from forecasting.serving.latency_frontier import latency_frontier
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, largest_batches
from tests.forecasting.serving.test_serving_replica import CHAT, DEEPSEEK, H100, LLAMA_70B

LLAMA_ON_H100 = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")


def test_more_requests_at_once_write_more_and_take_longer() -> None:
    frontier = latency_frontier(LLAMA_ON_H100, CHAT, chips=4)
    assert len(frontier.batch) == 200
    assert (np.diff(frontier.tokens_per_s_per_chip) > 0).all()
    assert (np.diff(frontier.tpot_s) > 0).all()
    assert (np.diff(frontier.ttft_s) > 0).all()
    assert frontier.batch[0] == 1.0
    most = largest_batches(LLAMA_ON_H100, CHAT, chips=4.0)
    assert frontier.batch[-1] == pytest.approx(float(most))


def test_each_point_is_the_replica_of_that_batch() -> None:
    frontier = latency_frontier(LLAMA_ON_H100, CHAT, chips=4, points=7)
    for at, batch in enumerate(frontier.batch):
        replica = Replica(served=LLAMA_ON_H100, traffic=CHAT, chips=4, batch=float(batch))
        assert frontier.tpot_s[at] == pytest.approx(replica.tpot_s, rel=1e-12)
        assert frontier.ttft_s[at] == pytest.approx(replica.ttft_s, rel=1e-12)
        assert frontier.tokens_per_s_per_chip[at] == pytest.approx(
            replica.tokens_per_s_per_chip, rel=1e-12
        )


def test_a_model_that_does_not_fit_says_how_much_it_takes() -> None:
    served = ServedOn(model=DEEPSEEK, chip=H100, precision="fp8")
    with pytest.raises(InputError, match=r"`chips` is 8\. DeepSeek-R1 takes 671 GB at fp8"):
        latency_frontier(served, CHAT, chips=8)
