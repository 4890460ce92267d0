"""The report on own runs: one Markdown file with figures, formula, intervals, warnings, settings
and the hash of the data.
"""

from __future__ import annotations

from dashboard.escaping import escape_markdown
from forecasting.data.today import today
from forecasting.formatting import significant
from forecasting.ingest.runs import ParsedRuns
from forecasting.reporting.user_runs_answers import (
    big_run_table,
    budget_words,
    count_range,
    count_words,
    flop_words,
    loss_range,
    loss_words,
)
from forecasting.stats.range_level import range_heading
from forecasting.user_runs.own_runs import (
    RunsForecast,
)

#: Coefficients as they are usually written.
SYMBOLS = {"alpha": "α", "beta": "β", "params_exponent": "a", "gamma": "γ"}
COEFFICIENT_WORDS = {
    "E": "irreducible loss, nats per token",
    "A": "scale of the parameter term",
    "B": "scale of the data term",
    "alpha": "exponent of parameters",
    "beta": "exponent of tokens",
    "params_exponent": "optimal parameters grow as compute to this power",
    "gamma": "the reducible loss falls as compute to minus this power",
}


def run_report(result: RunsForecast, runs: ParsedRuns | None, *, link: str) -> str:
    """The report. `runs` is what was read (None: the example)."""
    s, law = result.scenario, result.law
    source = (
        f"`sha256 {runs.data_hash}`, {runs.rows_read:,} rows read, {runs.problem_count:,} problems"
        if runs
        else escape_markdown(result.title)
    )
    coefficients = [
        f"| {SYMBOLS.get(row['coefficient'], row['coefficient'])} |"
        f" {significant(row['estimate'], 6)} |"
        f" {significant(row['low_80'], 4)} to {significant(row['high_80'], 4)} |"
        f" {significant(row['low_95'], 4)} to {significant(row['high_95'], 4)} |"
        f" {COEFFICIENT_WORDS[row['coefficient']]} |"
        for row in result.coefficients.to_dict("records")
    ]
    laws = [
        f"| {escape_markdown(each.title)} | {100 * each.error:.2f}% | {100 * each.bias:+.2f}% |"
        f" {count_words(each.params)} | {count_words(each.tokens)} | {loss_words(each.loss)} |"
        for each in result.standing
    ]
    held = result.fit.held_out
    resampled = {
        "row": "rows",
        "params": "model sizes",
        "tokens": "amounts of tokens",
        "group": "groups",
    }[s.resample_by]
    formula = [
        "## Formula",
        "",
        f"L(N, D) = {law.E:.6g} + {law.A:.6g} / N^{law.alpha:.6g} + {law.B:.6g} / D^{law.beta:.6g}",
        "",
        "N parameters, D training tokens, L nats per token. "
        + flop_words(result)
        + " Fitted by "
        + (
            f"the Huber loss (δ = {s.delta:g})"
            if s.loss_function == "huber"
            else s.loss_function.replace("_", " ")
        )
        + f" of ln L residuals, objective {result.fit.objective:.10g}; intervals from"
        f" {s.resamples:,} resamples of {resampled}, seed {s.seed}.",
        "",
        "| coefficient | estimate | 80% interval | 95% interval | meaning |",
        "|---|---|---|---|---|",
        *coefficients,
        "",
    ]
    lines = [
        "# Scaling law of your runs" if runs else "# Scaling law of example runs",
        "",
        f"Compute Forecast, {today().isoformat()}. {escape_markdown(link)}",
        "",
        escape_markdown(result.answer),
        "",
        *(f"- {escape_markdown(line)}" for line in result.lines),
        "",
        "## Data",
        "",
        f"- {len(result.fit.runs):,} runs, {source}",
        *([f"- Group: {escape_markdown(result.group_name)}"] if result.group_name else []),
        *([f"- {escape_markdown(note)}" for note in runs.notes] if runs else []),
        "",
        *([] if result.undetermined else formula),
        "## Advice",
        "",
        f"- Budget: {escape_markdown(budget_words(result).rstrip(','))}",
        *(
            [f"- {escape_markdown(result.undetermined)}"]
            if result.undetermined
            else [
                f"- Parameters: {count_range(result.params)}",
                f"- Tokens: {count_range(result.tokens)}",
                f"- Loss: {loss_range(result.loss)}",
            ]
        ),
        "",
        *(
            []
            if result.undetermined
            else [
                "## The big run",
                "",
                f"| quantity | value | {range_heading()} |",
                "|---|---|---|",
                *(
                    f"| {escape_markdown(what)} | {value} | {spread} |"
                    for what, value, spread in big_run_table(result).itertuples(index=False)
                ),
                "",
            ]
        ),
        "## Warnings",
        "",
        *([f"- {escape_markdown(warning.sentence)}" for warning in result.warnings] or ["- None."]),
        *([f"- {escape_markdown(held.answer)}"] if held else []),
        "",
        "## Published laws on these runs",
        "",
        (
            "| law | root mean square error of ln loss | median of predicted over measured |"
            " optimal parameters | optimal tokens | loss |"
        ),
        "|---|---|---|---|---|---|",
        *laws,
        "",
    ]
    return "\n".join(lines)
