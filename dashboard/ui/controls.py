"""Widgets bound to the fields of a page's scenario or display: label, bounds and “why” come from
the field itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal, get_args

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard.escaping import escape_markdown
from dashboard.state import session
from dashboard.state.page_state import PageState
from dashboard.state.widget_values import range_values
from dashboard.ui.quantities import log_steps, quantity_in, quantity_text
from forecasting.errors import InputError
from forecasting.fitting.law_choice import law_names
from forecasting.laws.published_laws import published_law
from forecasting.reporting.glossary import explained
from forecasting.stats.distribution import Distribution, Shape

Words = Callable[[Any], str]
RANGE_SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


class Controls:
    """The controls of one page. Each method draws the widget of one field; the next run finds its
    value in the scenario.

    Every widget gets its value twice: in Streamlit's session state, which the server reads, and as
    the widget's default, which a browser shows that mounts the widget only after a later run has
    replaced the first. Without the default such a widget would stand at its minimum and send that
    with the next click.
    """

    def __init__(self, state: PageState[Any, Any]) -> None:
        self.state = state

    def select(self, name: str, options: Sequence[Any] | None = None, words: Words = str) -> None:
        """A list to choose from; options default to those of the field."""
        values = self._options(name, options)
        bound = self._bound(name)
        st.selectbox(
            self._label(name), values, _index(values, self._held(name)), format_func=words, **bound
        )

    def segmented(
        self,
        name: str,
        options: Sequence[Any] | None = None,
        words: Words = str,
        hidden_label: bool = False,
    ) -> None:
        """A few options side by side, one of them chosen."""
        values = self._options(name, options)
        visibility: Literal["collapsed", "visible"] = "collapsed" if hidden_label else "visible"
        bound = self._bound(name)
        default = values[_index(values, self._held(name))]
        st.segmented_control(
            self._label(name),
            values,
            format_func=_as_markdown(words),
            default=default,
            required=True,
            label_visibility=visibility,
            **bound,
        )

    def several(self, name: str, options: Sequence[Any], words: Words = str) -> None:
        """A few options side by side, any number chosen."""
        bound = self._bound(name)
        default = [value for value in self._held(name) if value in options]
        st.pills(
            self._label(name),
            options,
            format_func=_as_markdown(words),
            selection_mode="multi",
            default=default,
            **bound,
        )

    def slider(
        self,
        name: str,
        low: float | None = None,
        high: float | None = None,
        step: float | None = None,
    ) -> None:
        """A linear slider between the bounds of the field, or narrower ones that still hold the
        current value.
        """
        bounds = _bounds(self._info(name))
        value = self._value(name)
        low = min(value, bounds[0] if low is None else low)
        high = max(value, bounds[1] if high is None else high)
        kind = type(value)
        if kind(low) >= kind(high):
            st.caption(escape_markdown(f"{self._label(name)}: {kind(low)}, the only one possible"))
            return
        bound = self._bound(name)
        held = min(max(kind(self._held(name)), kind(low)), kind(high))
        st.slider(
            self._label(name),
            kind(low),
            kind(high),
            held,
            step=kind(step) if step else None,
            **bound,
        )

    def quantity(self, name: str, decades: tuple[int, int], empty: str = "") -> None:
        """A quantity over many decades: a slider in steps 1, 2, 3, 5, and above it the same value
        as a field to type in: 40M, $1.3e7, 600B, 0.6T. A value that is on no step is one more step
        in this session. What can't be used stays in the field, and what would be right is said.

        Where the field may be None, that is the first step and an empty text; `empty` says what it
        means.
        """
        with st.container(key=f"quantity-{self.state.key(name)}", gap=None):
            self._log_slider(name, decades, empty)
            self._typed_quantity(name)

    def _log_slider(self, name: str, decades: tuple[int, int], empty: str) -> None:
        grid, value, unit = log_steps(decades), self._value(name), self._unit(name)
        extra: set[float] = st.session_state.setdefault(f"{self.state.key(name)}:steps", set())
        if value is not None and value not in grid:
            extra.add(value)
        steps: list[float | None] = [*sorted({*grid, *extra})] if extra else [*grid]
        if self._may_be_none(name):
            steps.insert(0, None)
        bound = self._bound(name)
        st.select_slider(
            self._label(name),
            steps,
            steps[_index(steps, self._held(name))],
            # A browser sends this text for its step, so that no two steps may share one.
            format_func=lambda step: empty if step is None else quantity_text(step, unit),
            **bound,
        )

    def _typed_quantity(self, name: str) -> None:
        """The field. It has a key of its own for each value, so that a text which a lagging browser
        still sends for the value before is no input.
        """
        value = self._value(name)
        shown = "" if value is None else quantity_text(value, self._unit(name))
        key, taken = self.state.typed_key(name, shown), f"{self.state.key(name)}:taken"

        def take_typed() -> None:
            entry = (key, st.session_state[key])
            # A lagging browser sends a field again that has been replaced: as it was drawn, or as
            # it was taken.
            if entry[1] == shown or st.session_state.get(taken) == entry:
                return
            with suppress(InputError):  # said below, where the text still stands
                typed = self._typed_value(name, st.session_state[key])
                session.current(self.state).scenario.replaced(**{name: typed})
                session.move(self.state, name, typed)
                st.session_state[taken] = entry

        if st.session_state.get(taken, ("",))[0] == key:
            del st.session_state[taken]  # drawn again: what is typed there now is meant
        text = st.text_input(
            f"{self._label(name)}, typed",
            shown,
            key=key,
            on_change=take_typed,
            label_visibility="collapsed",
            placeholder="40M or 4e7",
        )
        if text == shown:
            return
        try:
            self.state.scenario.replaced(**{name: self._typed_value(name, text)})
        except InputError as error:
            seen = escape_markdown(f"{self._label(name)}: “{error.value}”. {error.remedy}")
            st.markdown(f":red[:small[{seen}]]")

    def _typed_value(self, name: str, text: str) -> float | None:
        """The value that a text means; raises InputError."""
        if not text.strip() and self._may_be_none(name):
            return None
        value = quantity_in(text, self._unit(name), self._label(name))
        is_count = self._info(name).annotation is int and value == int(value)
        return int(value) if is_count else value

    def _may_be_none(self, name: str) -> bool:
        return type(None) in get_args(self._info(name).annotation)

    def number(
        self,
        name: str,
        step: float | None = None,
        form: str | None = None,
        width: int | Literal["stretch"] = "stretch",
        empty: str | None = None,
    ) -> None:
        """A number typed in, held to the bounds of the field; `empty` says what none means."""
        low, high = _bounds(self._info(name))
        named = self._info(name).annotation
        kind = float if named is float or float in get_args(named) else int
        bound = self._bound(name)
        st.number_input(
            self._label(name),
            kind(low) if low is not None else None,
            kind(high) if high is not None else None,
            value=self._held(name),
            step=kind(step) if step else None,
            format=form,
            width=width,
            placeholder=empty,
            **bound,
        )

    def law(self) -> None:
        """The scaling law in use: a published one, that of the user's own runs, or coefficients
        typed in as custom:E,A,B,alpha,beta.
        """
        own = sorted(self.state.context.laws)
        current = self._value("law")
        names = [*own, *law_names(), *([current] if current not in (*own, *law_names()) else [])]
        bound = self._bound("law")
        held = _index(names, self._held("law"))
        st.selectbox(
            self._label("law"),
            names,
            held,
            format_func=self._law_title,
            accept_new_options=True,
            **bound,
        )

    def range(self, name: str) -> None:
        """An uncertain input: lowest and highest likely value, the share of probability between
        them, and the shape.
        """
        value: Distribution = self._value(name)
        keys = self.state.range_keys(name)
        if any(key not in st.session_state for key in keys.values()):
            for part, seed in range_values(value).items():
                st.session_state.setdefault(keys[part], seed)
        with st.container(horizontal=True, vertical_alignment="bottom", key=f"range-{name}"):
            held = {part: st.session_state[key] for part, key in keys.items()}
            st.text_input(
                self._label(name), held["low"], key=keys["low"], help=self._help(name), width=120
            )
            if value.shape != "fixed":
                st.text_input(
                    f"{self._label(name)}, to",
                    held["high"],
                    key=keys["high"],
                    width=120,
                    label_visibility="collapsed",
                )
            with st.popover(
                "",
                icon=":material/tune:",
                help="How sure: the probability inside the range, and the shape",
            ):
                shares = sorted({*RANGE_SHARES, value.share})
                share, shapes = _index(shares, held["share"]), get_args(Shape)
                st.selectbox(
                    "Probability inside the range",
                    shares,
                    share,
                    format_func="{:.0%}".format,
                    key=keys["share"],
                )
                shape = shapes[_index(shapes, held["shape"])]
                st.segmented_control(
                    "Shape",
                    shapes,
                    format_func=str.capitalize,
                    default=shape,
                    key=keys["shape"],
                    required=True,
                )

    def toggle(self, name: str, help_text: str | None = None) -> None:
        """Yes or no."""
        bound = self._bound(name)
        st.toggle(
            self._label(name),
            bool(self._held(name)),
            **(bound | {"help": help_text or bound["help"]}),
        )

    def _record(self, name: str) -> BaseModel:
        record: BaseModel = self.state.scenario
        if name not in type(record).model_fields:
            record = self.state.display
        return record

    def _info(self, name: str) -> FieldInfo:
        return type(self._record(name)).model_fields[name]

    def _value(self, name: str) -> Any:
        return getattr(self._record(name), name)

    def _held(self, name: str) -> Any:
        """What the widget of a field holds, which may be a value that the scenario could not
        use.
        """
        return st.session_state[self.state.key(name)]

    def _unit(self, name: str) -> str:
        extra = self._info(name).json_schema_extra
        return str(extra.get("unit", "")) if isinstance(extra, dict) else ""

    def _label(self, name: str) -> str:
        info, unit = self._info(name), self._unit(name)
        unit = {"OOM/year": "factors of ten per year", "×/year": "× per year"}.get(unit, unit)
        shown = unit in (
            "USD",
            "FLOP",
            "FLOP/s",
            "USD/kWh",
            "months",
            "factors of ten per year",
            "× per year",
            "tokens",
            "parameters",
        )
        return (
            f"{info.description} ({unit})"
            if shown and unit not in (info.description or "")
            else str(info.description)
        )

    def _options(self, name: str, options: Sequence[Any] | None) -> Sequence[Any]:
        if options is not None:
            return options
        known = type(self.state.scenario).choices(name, self.state.context.data)
        return known if known is not None else get_args(self._info(name).annotation)

    def _law_title(self, name: str) -> str:
        own = self.state.context.laws.get(name)
        if own is not None:
            return f"{own.title} (yours)"
        return published_law(name).title if name in law_names() else name

    def _help(self, name: str) -> str | None:
        """Why the default is what it is, and what the terms of the label mean."""
        extra = self._info(name).json_schema_extra
        why = str(extra.get("why", "")) if isinstance(extra, dict) else ""
        return "\n\n".join(filter(None, (why, explained(self._label(name))))) or None

    def _bound(self, name: str) -> dict[str, Any]:
        """Key and help of a widget; seeds the widget's value where Streamlit has none."""
        key = self.state.key(name)
        if key not in st.session_state:
            value = self._value(name)
            st.session_state[key] = list(value) if isinstance(value, tuple) else value
        return {"key": key, "help": self._help(name)}


def _as_markdown(words: Words) -> Words:
    """What says an option where Streamlit takes that for Markdown."""
    return lambda option: escape_markdown(str(words(option)))


def _bounds(info: FieldInfo) -> tuple[Any, Any]:
    low = next(
        (m.ge for m in info.metadata if hasattr(m, "ge")),
        next((m.gt for m in info.metadata if hasattr(m, "gt")), None),
    )
    high = next(
        (m.le for m in info.metadata if hasattr(m, "le")),
        next((m.lt for m in info.metadata if hasattr(m, "lt")), None),
    )
    return low, high


def _index(options: Sequence[Any], value: Any) -> int:
    return options.index(value) if value in options else 0
