"""The runs of the how-to “Plan a 30B model”: `python -m docs.how_to_runs` writes them anew.

Sixty runs of at most 10²¹ FLOP, drawn with a seed from the bundled runs of the Chinchilla study
(runs_chinchilla: Hoffmann et al. 2022, arXiv:2203.15556, figures read off by Besiroglu et al. 2024,
arXiv:2404.10102; no data licence is stated). A lab would have such:
many small runs, a few large ones.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.data.dataset import bundled

FILE = Path(__file__).parent / "how-to" / "sixty_runs.csv"
RUNS, SEED, MAX_FLOP = 60, 30, 1e21


def sixty_runs() -> pd.DataFrame:
    """Parameters, tokens and loss (nats per token) of the runs drawn."""
    table = bundled()["runs_chinchilla"]
    affordable = table[table["training_flop"] <= MAX_FLOP]
    drawn = np.random.default_rng(SEED).choice(len(affordable), RUNS, replace=False)
    return affordable.iloc[np.sort(drawn)][["params", "tokens", "loss"]]


def main() -> None:
    """Write the file."""
    sixty_runs().to_csv(FILE, index=False, float_format="%.6g", lineterminator="\n")


if __name__ == "__main__":
    main()
