"""Choosing a period, the same on every page of figures: today, the last days, this month, or days of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from inbox import periods
from inbox.periods import Period
from screens.i18n import N_, _, current, full_date, stretch

OWN = "own"
NAMES: Mapping[str, str] = {
    periods.TODAY: N_("Today"),
    "7d": N_("7 days"),
    "30d": N_("30 days"),
    "90d": N_("90 days"),
    periods.MONTH: N_("This month"),
    periods.LAST_MONTH: N_("Last month"),
    periods.YEAR: N_("This year"),
    OWN: N_("Own dates"),
}
_USUAL = "30d"
ADDRESS: Sequence[str] = ("period", "from", "to")
"""What stands in an address of a period."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The period that is asked for; `first` and `last` are of one's own."""

    name: str = _USUAL
    first: date | None = None
    last: date | None = None

    def period(self, today: date) -> Period:
        """Its days.

        Raises:
            BadInput: an impossible one; says what to choose.
        """
        return periods.own(self.first, self.last, today) if self.name == OWN else periods.named(self.name, today)

    def address(self) -> dict[str, str]:
        """As it stands in an address."""
        own = self.name == OWN
        return {
            "period": "" if self.name == _USUAL else self.name,
            "from": self.first.isoformat() if own and self.first else "",
            "to": self.last.isoformat() if own and self.last else "",
        }


USUAL = Wanted()


def from_address(values: Mapping[str, str]) -> Wanted:
    """The period of an address; the usual one for what nobody can read."""
    name = values.get("period", _USUAL)
    return Wanted(name if name in NAMES else _USUAL, _day(values.get("from", "")), _day(values.get("to", "")))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def draw(wanted: Wanted, *, key: str, on_change: Callable[[], None]) -> None:
    """The fields. `chosen` reads them with the same key.

    Args:
        wanted: what they show at first.
        key: begins the keys of the fields.
        on_change: called when one changed.
    """
    st.segmented_control(
        _("Period"),
        list(NAMES),
        default=wanted.name,
        required=True,
        format_func=lambda name: _(NAMES[name]),
        key=f"{key}_name",
        on_change=on_change,
        label_visibility="collapsed",
    )
    if wanted.name != OWN:
        return
    form = "DD-MM-YYYY" if current().code == "nl" else "DD/MM/YYYY"
    for part, label, day in (("first", _("First day"), wanted.first), ("last", _("Last day"), wanted.last)):
        st.date_input(
            label,
            value=day,
            min_value=date.min,  # an impossible day of an address is told in a sentence
            max_value=date.max,
            format=form,
            key=f"{key}_{part}",
            on_change=on_change,
            width=150,
        )


def chosen(key: str, before: Wanted, today: date) -> Wanted:
    """What the fields say now. Who turns to own dates begins with those that were shown.

    Args:
        key: as given to `draw`.
        before: what was shown until now.
        today: local day of the workspace.
    """
    state = st.session_state
    name = str(state.get(f"{key}_name") or before.name)
    if name == OWN and before.name != OWN:
        shown = before.period(today)
        return Wanted(OWN, shown.first, shown.last)
    return Wanted(name, state.get(f"{key}_first", before.first), state.get(f"{key}_last", before.last))


def told(period: Period) -> str:
    """The period in words."""
    return full_date(period.first) if period.first == period.last else stretch(period.first, period.last)
