"""What is looked at, as it stands in the address of the page, so that a figure can be sent to a colleague. Pure.

An address is written by people too: what means nothing is left away, and days that cannot be shown are told in a
sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from inbox.trends.views import WHATS, Slice
from screens import period_choice
from screens.period_choice import USUAL, Wanted

STEPS: Sequence[str] = ("hour", "day", "week")
SPLITS: Sequence[str] = ("none", "sentiment", "source", "brand", "lang", "kind", "theme")
HOURLY = 14
"""Days of which hours are drawn: beyond that a bar is thinner than a line."""
_MOST_VALUES, _LONGEST_VALUE, _LONGEST_PICK = 50, 200, 2_000
_LISTS: Mapping[str, str] = {
    "brands": "brand",
    "sources": "source",
    "langs": "lang",
    "kinds": "kind",
    "tones": "tone",
    "themes": "theme",
}
NAMES: Sequence[str] = (*period_choice.ADDRESS, "step", "by", "top", "pick", *_LISTS.values())
"""Names in the address."""
UNKNOWN = "-"
"""How a value that nobody knows, such as the language of a picture, stands in an address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see.

    Attributes:
        period: which days.
        step: the width of a bar; `by`: what bars are split by.
        brands, sources, langs, kinds, tones, themes: narrow it; empty for all, `""` for unknown.
        top: which list of authors, sites, words or links is read.
        pick: the figure whose messages are listed, as `screens.trends.picked` writes it.
    """

    period: Wanted = USUAL
    step: str = "day"
    by: str = "sentiment"
    brands: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    top: str = "words"
    pick: str = ""

    @property
    def n_filters(self) -> int:
        """How many kinds of filters narrow it."""
        return sum(bool(getattr(self, name)) for name in _LISTS)

    def without_filters(self) -> Asked:
        """The same period and chart, of everything."""
        return Asked(self.period, self.step, self.by, top=self.top)


def read(address: Mapping[str, str]) -> Asked:
    """What an address asks for. Unknown names and values mean nothing."""
    plain = Asked()
    lists = {name: _values(address.get(key, "")) for name, key in _LISTS.items()}
    return Asked(
        period=period_choice.from_address(address),
        step=_one_of(address.get("step"), STEPS, plain.step),
        by=_one_of(address.get("by"), SPLITS, plain.by),
        top=_one_of(address.get("top"), WHATS, plain.top),
        pick=_printable(address.get("pick", "")),
        **{**lists, "themes": tuple(one for one in lists["themes"] if _number(one) is not None)},
    )


def write(asked: Asked) -> dict[str, str]:
    """The address that asks for it; what is as usual is left away."""
    plain, found = Asked(), asked.period.address()
    for name in ("step", "by", "top", "pick"):
        found[name] = "" if getattr(asked, name) == getattr(plain, name) else str(getattr(asked, name))
    for name, key in _LISTS.items():
        found[key] = ",".join(one or UNKNOWN for one in getattr(asked, name))
    return {name: value for name, value in found.items() if value}


def slice_of(asked: Asked, today: date) -> Slice:
    """What is counted.

    Raises:
        BadInput: days of which nothing can be shown; says what to choose.
    """
    period = asked.period.period(today)
    return Slice(
        period.first,
        min(period.last, today),
        brand_ids=asked.brands,
        source_ids=asked.sources,
        langs=asked.langs,
        kinds=asked.kinds,
        sentiments=asked.tones,
        theme_ids=tuple(int(one) for one in asked.themes),
    )


def step_of(asked: Asked, first: date, last: date) -> str:
    """The width of a bar that can be drawn: hours only of a short stretch, and never of themes."""
    if asked.step == "hour" and ((last - first).days >= HOURLY or of_themes(asked)):
        return "day"
    return asked.step


def by_of(asked: Asked) -> str:
    """What bars can be split by: conversations that raise a theme are not told apart by what each message is."""
    return "none" if asked.themes and asked.by in {"lang", "kind", "sentiment"} else asked.by


def of_themes(asked: Asked) -> bool:
    """Whether conversations that raise a theme are counted, and not messages."""
    return bool(asked.themes) or asked.by == "theme"


def _one_of(value: str | None, known: Sequence[str], otherwise: str) -> str:
    return value if value is not None and value in known else otherwise


def _values(written: str) -> tuple[str, ...]:
    parts = [part for part in written[: _MOST_VALUES * _LONGEST_VALUE].split(",") if part][:_MOST_VALUES]
    fit = (part for part in parts if len(part) <= _LONGEST_VALUE and part.isprintable())
    return tuple(dict.fromkeys("" if part == UNKNOWN else part for part in fit))


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 18 else None


def _printable(written: str) -> str:
    return written if len(written) <= _LONGEST_PICK and written.isprintable() else ""
