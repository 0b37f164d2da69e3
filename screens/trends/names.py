"""What keys of a split are called, in which order they stand, and in which colour they are drawn. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inbox.trends.views import THE_REST, Series
from inbox.views import Choices
from screens import words
from screens.charts import looks
from screens.i18n import N_, _
from screens.trends.series import Named
from screens.trends.tone_chart import TONES

KINDS: Sequence[str] = ("post", "comment", "review", "article", "topic", "answer", "message", "manual")
SPLITS: Mapping[str, str] = {
    "none": N_("Nothing"),
    "sentiment": N_("Tone"),
    "source": N_("Source"),
    "brand": N_("Brand"),
    "lang": N_("Language"),
    "kind": N_("Kind"),
    "theme": N_("Theme"),
}


def split(by: str) -> str:
    """What bars are split by."""
    return _(SPLITS[by])


def known(by: str, offered: Choices) -> tuple[str, ...]:
    """Every key of a split there is, in an order that does not change with what is looked at."""
    match by:
        case "source":
            return tuple(sorted(one.value for one in offered.sources))
        case "brand":
            return tuple(sorted(one.value for one in offered.brands))
        case "lang":
            return ("nl", "en", *sorted(one.value for one in offered.languages if one.value not in {"nl", "en"}))
        case "kind":
            return tuple(KINDS)
        case "theme":
            return tuple(sorted((one.value for one in offered.themes), key=lambda one: (len(one), one)))
        case _:
            return (*TONES, "")


def name_of(by: str, key: str, names: Mapping[str, str]) -> str:
    """What a key is called."""
    if key == THE_REST:
        return _("Other")
    if key in names:
        return names[key]
    told = {
        "sentiment": words.sentiment(key) if key else _("Not scored"),
        "lang": words.language(key) or _("unknown language"),
        "kind": words.kind(key),
        "brand": key or _("No brand"),
    }
    return told.get(by, key)


def named(by: str, series: Series, offered: Choices) -> Named:
    """Names and colours of a series. Two keys that are called the same are told apart by the key."""
    names = {**labels(by, offered), **dict(series.names)}
    called = {key: name_of(by, key, names) for key in series.keys}
    often = [*called.values()]
    told = {key: name if often.count(name) == 1 else f"{name} ({key})" for key, name in called.items()}
    shown = [key for key in series.keys if key != THE_REST]
    colour = (
        {key: looks.TONES.get(key, looks.OTHER) for key in shown}
        if by == "sentiment"
        else looks.colours(shown, known(by, offered))
    )
    return Named(lambda key: told.get(key, key), {**colour, THE_REST: looks.OTHER})


def labels(by: str, offered: Choices) -> dict[str, str]:
    """Names that people gave to keys of a split."""
    some = {"source": offered.sources, "brand": offered.brands, "theme": offered.themes}.get(by, ())
    return {one.value: one.label for one in some}
