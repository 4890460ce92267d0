"""The scaling law that a forecast uses, by the text of its scenario's field `law`.

refit, chinchilla, …         a published law of the Chinchilla form; "refit", the default, comes
                             with bootstrap draws
custom:E,A,B,alpha,beta      a point law of one's own, without ranges
yours, s:<id>                the law of one's own runs: in this session, or stored behind a shared
                             link; found in `Context.laws`
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from forecasting.answers import Noted
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError, UnknownNameError, shown
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.fitting.warning_kinds import Kind
from forecasting.formatting import in_words
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.laws.published_laws import DEFAULT_LAW, published_law, published_laws
from forecasting.laws.repeated_data_law import RepeatedDataLaw
from forecasting.scenario import Inputs, quantity

YOURS = "yours"
CUSTOM, STORED = "custom:", "s:"
#: The highest losses of the Chinchilla runs are those of runs cut before their learning rate had
#: decayed (Besiroglu et al. 2024).
LEFT_OUT_CHINCHILLA_RUNS = 5
DRAWS = 1000
#: What coefficients of one's own may be: far wider than any fit, narrow enough for every
#: forecast to compute with.
CUSTOM_BOUNDS = {
    "E": (0.0, 1e3),
    "A": (1e-6, 1e12),
    "B": (1e-6, 1e12),
    "alpha": (0.01, 1.5),
    "beta": (0.01, 1.5),
}


@dataclass(frozen=True)
class WrittenNote(Noted):
    """A note that is a text of its own: of a published law, with or without draws, or stored."""

    text: str
    has_range: bool = True


@dataclass(frozen=True)
class PointLawNote(Noted):
    """A law of coefficients that someone typed in."""


@dataclass(frozen=True)
class OwnLawNote(Noted):
    """A law fitted to so many `runs`, whose file `data_hash` tells."""

    law: ChinchillaLaw
    runs: int
    data_hash: str


@dataclass(frozen=True)
class Doubts(Noted):
    """The kinds of the warnings of a fit; its sentence is the gravest in short, or empty."""

    kinds: tuple[Kind, ...]


@dataclass(frozen=True, eq=False)
class LawInUse:
    """A law of the Chinchilla form with what is to be known of it; `draws` holds one law alone
    where no range is known.

    `about` says where the law comes from; `runs` are those that it was fitted to, where they are at
    hand; `doubts` are those of the fit.
    """

    name: str
    title: str
    law: ChinchillaLaw
    draws: LawDraws = field(repr=False)
    source: str
    about: Noted = WrittenNote("")
    is_yours: bool = False
    runs: TrainingRuns | None = field(default=None, repr=False)
    doubts: Noted = Doubts(())

    @property
    def note(self) -> str:
        """What to know of the law beside its source, in a sentence or two."""
        return self.about.sentence

    @property
    def warning(self) -> str:
        """The gravest warning of the fit in one short sentence; empty where there is none."""
        return self.doubts.sentence

    @property
    def has_range(self) -> bool:
        """Whether `draws` tell how uncertain the law is."""
        return len(self.draws) > 1

    @property
    def repeated(self) -> RepeatedDataLaw:
        """The same law for repeated data, with Muennighoff's R* (which come from another fit:
        to be said beside it).
        """
        return RepeatedDataLaw(self.law)


def law_names() -> tuple[str, ...]:
    """The published laws of the Chinchilla form, the default first."""
    return tuple(
        name
        for name, entry in published_laws().items()
        if isinstance(entry.law, ChinchillaLaw | RepeatedDataLaw)
    )


def checked_law_name(name: str) -> str:
    """The name, if it is one that `context.law_in_use` may find; raises UnknownNameError or
    InputError.
    """
    if name.startswith(CUSTOM):
        custom_law(name)
    elif name != YOURS and not name.startswith(STORED) and name not in law_names():
        raise UnknownNameError("law", name, law_names())
    return name


LawName = Annotated[str, AfterValidator(checked_law_name)]


def law_field() -> Any:
    """The field `law` of a scenario."""
    return quantity(
        DEFAULT_LAW,
        unit="name",
        label="Scaling law",
        why=(
            "The default is fitted to the 240 Chinchilla runs of Besiroglu et al. 2024; or give"
            " your own as custom:E,A,B,alpha,beta."
        ),
    )


class LawInputs(Inputs):
    """The scaling law in use; the default is fitted to a table."""

    TABLES: ClassVar[tuple[str, ...]] = ("runs_chinchilla",)

    law: LawName = law_field()


def custom_law(name: str) -> ChinchillaLaw:
    """The law of `custom:E,A,B,alpha,beta`; raises InputError for anything else."""
    parts = name.removeprefix(CUSTOM).split(",")
    remedy = (
        "Write custom:E,A,B,alpha,beta with five numbers, such as"
        " custom:1.69,406.4,410.7,0.336,0.283."
    )
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        raise InputError("law", name, remedy) from None
    if len(numbers) != len(NAMES):
        raise InputError("law", name, remedy)
    for coefficient, number in zip(NAMES, numbers, strict=True):
        low, high = CUSTOM_BOUNDS[coefficient]
        without = number == 0.0 and coefficient in ("E", "A", "B")  # a law without that term
        if not (low <= number <= high or without):
            raise InputError(
                "law",
                name,
                f"{coefficient} is {shown(number)}: use {in_words(low)} to {in_words(high)}.",
            )
    try:
        return ChinchillaLaw(**dict(zip(NAMES, numbers, strict=True)))
    except InputError as error:
        raise InputError(
            "law", name, f"{error.parameter} must be a finite number above 0 (E, A and B may be 0)."
        ) from None


def custom_name(law: ChinchillaLaw) -> str:
    """The text of a point law, to the last digit."""
    return CUSTOM + ",".join(repr(getattr(law, name)) for name in NAMES)


def law_without_runs(name: str, data: DataSet) -> LawInUse:
    """The published law of that name, or the point law that it spells out; raises UnknownNameError
    or InputError.
    """
    if name.startswith(CUSTOM):
        law = custom_law(name)
        draws = LawDraws.of_law(law)
        return LawInUse(name, "Own coefficients", law, draws, "from the link", PointLawNote())
    return _published(name, data)


def own_law(fit: ScalingFit, data_hash: str) -> LawInUse:
    """The law fitted to one's own runs, under the name “yours”; `data_hash` tells which runs."""
    law = fit.law
    return LawInUse(
        name=YOURS,
        title=f"Law of {len(fit.runs)} own runs",
        law=law,
        draws=fit.draws.thinned(DRAWS),
        source=f"own runs, sha256 {data_hash[:8]}",
        about=OwnLawNote(law, len(fit.runs), data_hash),
        is_yours=True,
        runs=fit.runs,
        doubts=Doubts(tuple(warning.kind for warning in fit.warnings)),
    )


@cached_with
def _published(name: str, data: DataSet) -> LawInUse:
    entry = published_law(name)
    if name == DEFAULT_LAW:
        fit = fit_scaling_law(chinchilla_runs(data), bootstrap=DRAWS, seed=0)
        about = WrittenNote(entry.note)
        return LawInUse(name, entry.title, fit.law, fit.draws, entry.source, about, runs=fit.runs)
    law = entry.law.base if isinstance(entry.law, RepeatedDataLaw) else entry.law
    if not isinstance(law, ChinchillaLaw):
        raise UnknownNameError("law", name, law_names())
    about = WrittenNote(entry.note, has_range=False)
    return LawInUse(name, entry.title, law, LawDraws.of_law(law), entry.source, about)


def chinchilla_runs(data: DataSet, left_out: int = LEFT_OUT_CHINCHILLA_RUNS) -> TrainingRuns:
    """The runs of runs_chinchilla without the `left_out` highest losses."""
    table = data["runs_chinchilla"].sort_values("loss", kind="stable")
    return TrainingRuns.of(table.iloc[: len(table) - left_out].sort_index())
