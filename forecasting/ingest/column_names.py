"""Names of columns as people and trackers write them: the role, the measure and the unit that they
tell.

role_of("n_params", ROLES)             # "params"
measure_of("val_ppl")                  # "perplexity"
unit_of_role_name("tokens", "D (B)")   # "billions"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from forecasting.ingest.column_mapping import Measure
from forecasting.ingest.units import FLOP_UNITS, LOG, unit_of_name, units_of_role

#: Names by role, better ones first; names in one line count alike, so that two of them need a
#: decision.
NAMES: Mapping[str, tuple[str, ...]] = {
    "params": (
        (
            "n_params num_params params parameters n_parameters num_parameters parameter_count"
            " param_count params_count number_of_parameters"
        ),
        (
            "total_params model_params model_parameters model_size total_parameters"
            " trainable_params trainable_parameters num_trainable_params num_trainable_parameters"
            " n_trainable_params params_total n_total num_scaling_params scaling_params"
            " total_params_count"
            " total_param_count param parameter nparams numparams size n"
        ),
        (
            "non_embedding_params params_non_embedding non_embedding_parameters n_non_embedding"
            " params_non_emb non_emb_params n_non_emb n_no_emb params_no_emb nonembedding_params"
            " active_params dense_params params_active"
        ),
    ),
    "tokens": (
        (
            "train_tokens training_tokens tokens_seen total_train_tokens n_train_tokens"
            " consumed_tokens tokens_trained num_tokens_seen total_tokens_seen n_tokens_seen"
            " tokens_consumed train_tokens_seen seen_tokens trained_tokens tokens_processed"
            " total_training_tokens num_train_tokens num_training_tokens n_training_tokens"
            " total_tokens_trained train_token_count token_budget tokens_budget"
        ),
        (
            "tokens n_tokens num_tokens total_tokens number_of_tokens token_count"
            " training_tokens_total token_num tokens_num token_number tokens_total ntokens"
            " numtokens tokens_count total_token_count toks"
        ),
        "data dataset_size data_size dataset_tokens training_data d",
    ),
    "training_flop": (
        (
            "training_flop training_flops train_flops train_flop training_compute"
            " training_compute_flop total_flops total_flop train_compute total_compute"
            " total_training_flops total_train_flops flops_total flop_total n_flops num_flops"
        ),
        "flops flop compute compute_flop compute_flops c flop_budget flops_budget compute_budget",
        (
            "pf_days pfs_days pflop_s_days petaflop_days petaflop_s_days pfdays pf_day pfs_day"
            " pflop_days pflops_days petaflops_days"
        ),
    ),
    "epochs": ("epochs n_epochs num_epochs total_epochs num_train_epochs passes repetitions",),
    "unique_tokens": ("unique_tokens n_unique_tokens unique_data dataset_unique_tokens u",),
    "cost_usd": ("cost_usd cost cost_dollars usd total_cost total_cost_usd price_usd",),
    "step": (
        (
            "step global_step train_step trainer_global_step iteration iter steps update n_step"
            " current_step current_steps training_step iter_num iterations"
        ),
    ),
    "tokens_per_step": (
        "tokens_per_step tokens_per_batch batch_tokens batch_size_tokens tokens_per_iteration",
    ),
    "tokens_per_param": (
        (
            "tokens_per_param tokens_per_parameter d_n tokens_params token_param_ratio"
            " tokens_param_ratio tokens_to_params token_to_param_ratio tokens_over_params"
            " data_param_ratio param_data_ratio tpp"
        ),
    ),
    "total_steps": (
        "total_steps max_steps num_steps n_steps total_iterations max_iters total_iters num_iters"
        " train_steps num_train_steps total_train_steps total_training_steps max_train_steps",
    ),
    "progress": (
        "portion_steps_elapsed portion_elapsed fraction_elapsed progress portion_of_training"
        " fraction_of_training percent_done train_progress steps_fraction frac_done fraction_done",
    ),
    "run": (
        "run_id",
        "run run_name name experiment_name",
        "id experiment exp_name trial job job_name job_id jobid",
    ),
    "group": (
        "group architecture arch family model_family",
        (
            "router variant series training_set model_type dataset_name type tokenizer corpus"
            " dataset optimizer"
        ),
    ),
    "date": ("date run_date", "created start_time finished_at created_at started_at timestamp"),
    "state": ("state status",),
}
MEASURE_NAMES: Mapping[Measure, tuple[str, ...]] = {
    "loss": (
        (
            "val_loss valid_loss validation_loss eval_loss test_loss loss_val loss_validation"
            " loss_eval final_val_loss final_eval_loss val_cross_entropy eval_cross_entropy"
            " held_out_loss dev_loss"
        ),
        "final_loss loss loss_final last_loss cross_entropy ce_loss lm_loss nll l",
        "train_loss training_loss loss_train final_train_loss train_cross_entropy smoothed_loss",
    ),
    "bits": ("bits_per_token bpt val_bits_per_token eval_bits_per_token loss_bits",),
    "bits_per_byte": (
        "val_bpb eval_bpb bits_per_byte bpb val_bits_per_byte bpc bits_per_character",
        "train_bpb",
    ),
    "perplexity": (
        "val_ppl val_perplexity eval_ppl eval_perplexity valid_ppl test_ppl test_perplexity",
        "ppl perplexity train_ppl",
    ),
    "accuracy": (
        "val_acc val_accuracy eval_acc eval_accuracy test_acc test_accuracy",
        "acc accuracy top1 top_1 top1_accuracy mmlu score final_accuracy",
    ),
    "error": ("val_error eval_error test_error", "error error_rate err top1_error"),
}
_PREFIXES = (
    "metrics",
    "metric",
    "params",
    "param",
    "summary",
    "config",
    "hparams",
    "args",
    "model",
    "data",
    "final",
    "run",
    "optim",
    "throughput",
    "trainer",
    "train",
    "stats",
    "progress",
)
_FLOP_OF_COUNT = {"millions": "MFLOP", "billions": "GFLOP", "trillions": "TFLOP"}
#: Parts of names that hold “loss” and are none, or not one's own.
LOSS_WORDS_OUT = frozenset(
    [
        "std",
        "stderr",
        "se",
        "sem",
        "err",
        "var",
        "variance",
        "diff",
        "delta",
        "ratio",
        "scale",
        "scaling",
        "weight",
        "weights",
        "aux",
        "z",
        "balance",
        "balancing",
        "router",
        "reg",
        "ci",
        "low",
        "high",
        "lower",
        "upper",
        "spike",
        "improvement",
        "mask",
        "pred",
        "predicted",
        "prediction",
        "fitted",
        "fit",
        "expected",
        "extrapolated",
        "residual",
        "excess",
        "reducible",
        "normalized",
        "normalised",
        "norm",
        "relative",
        "rel",
        "gap",
        "saved",
        "unit",
        "units",
        "initial",
        "init",
        "start",
        "first",
    ]
)


#: Digits above the line, and remarks such as “(lower is better)”.
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_LOG_L = re.compile(r"(?:log|ln|log10)_?l")
_REMARK = re.compile(r"[(\[][^()\[\]]*\bbetter\b[^()\[\]]*[)\]]", re.IGNORECASE)


def unit_of_role_name(role: str, name: str) -> str:
    """The unit that a column's name gives for what it is taken for, "" for none."""
    plain = normalised(name)
    if role == "training_flop" and plain in NAMES[role][-1].split():
        return "PF-days"
    variants = {plain, *without_prefix(plain)}
    if any(variants & set(line.split()) for line in NAMES.get(role, ())):
        return ""
    for each in sorted(variants, key=len, reverse=True):
        unit = unit_of_name(each)[1]
        if role == "training_flop":
            unit = _FLOP_OF_COUNT.get(unit, unit)
        elif unit in FLOP_UNITS:
            unit = ""
        if unit and (unit == LOG or unit in units_of_role(role)):
            return unit
    return ""


def normalised(name: str) -> str:
    """A column's name in lower case with underscores: “Val Loss”, “eval/loss” and “evalLoss”
    alike.
    """
    name = _REMARK.sub("", name)
    name = re.sub(r"10(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])", "10^", name).translate(_RAISED)
    name = re.sub(r"(?:[x×*·/]\s*)?10\s*(?:\^|\*\*)\s*(\d+)", r" 1e\1", name)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def is_loss_name(name: str) -> bool:
    """Whether a column or metric of this name holds a loss or what can be converted to one."""
    return metric_rank(name) < (len(MEASURE_NAMES), 0)


def metric_rank(name: str) -> tuple[int, int]:
    """How well known a metric is: losses before others, those of validation before training; below
    (number of measures, 0) for losses and what can be converted to one.
    """
    plain = normalised(name)
    parts = set(plain.split("_"))
    if parts & LOSS_WORDS_OUT and "loss" in parts:
        return (len(MEASURE_NAMES), 1)
    variants = variants_of(plain)
    for at, lines in enumerate(MEASURE_NAMES.values()):
        for line_at, line in enumerate(lines):
            if variants & set(line.split()):
                return (at, line_at)
    return (0, 3) if "loss" in parts else (len(MEASURE_NAMES), 0)


def role_of(name: str, roles: Iterable[str]) -> str | None:
    """The first of the roles that a column of this name could have."""
    variants = variants_of(normalised(name))
    return next(
        (role for role in roles if any(variants & set(line.split()) for line in NAMES[role])), None
    )


def measure_of(name: str) -> Measure:
    """What a column of this name holds: a loss unless its name says otherwise."""
    return measure_in(name) or "loss"


def measure_in(name: str) -> Measure | None:
    """The measure that a name tells; None for none."""
    plain = normalised(name)
    parts = set(plain.split("_"))
    is_loss = bool(parts & {"loss", "nll", "ce", "entropy"}) or _LOG_L.fullmatch(plain) is not None
    if parts & {"ppl", "perplexity"}:
        # The logarithm of a perplexity is the loss.
        return "bits" if "log2" in parts else "loss" if parts & {"log", "ln"} else "perplexity"
    if is_loss and ("exp" in parts or plain.startswith("exp_")):
        return "perplexity"
    if is_loss and parts & {"ln", "log10"}:
        return "ln_loss" if "ln" in parts else "log10_loss"
    if parts & {"bpb", "bpc"} or (
        parts & {"bits", "bit"} and parts & {"byte", "character", "char", "bytes"}
    ):
        return "bits_per_byte"
    if parts & {"bits", "bit", "bpt"}:
        return "bits"
    variants = variants_of(plain)
    for measure, lines in MEASURE_NAMES.items():
        if any(variants & set(line.split()) for line in lines):
            return measure
    return "accuracy" if parts & {"acc", "accuracy"} else None


def without_prefix(name: str) -> set[str]:
    """The normalised name without each prefix of a tracker that it begins with."""
    return {
        name[len(prefix) + 1 :]
        for prefix in _PREFIXES
        if name.startswith(prefix + "_") and len(name) > len(prefix) + 1
    }


def variants_of(name: str) -> set[str]:
    """The name itself, without a tracker's prefix, and without a unit."""
    found = {name} | without_prefix(name)
    bases = {unit_of_name(each)[0] for each in found}
    return found | bases | {base for each in bases for base in without_prefix(each)}
