"""The headline figures: how much was said, how negative, how much of it late, and our share of the talk."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from inbox.tone.views import Accuracy
from inbox.trends.views import Series, ShareOfVoice
from screens import tone_accuracy
from screens.i18n import NONE, _, number, percent, plural
from screens.security import verbatim
from screens.trends import change, picked, steps
from screens.trends import series as counts
from screens.trends.figures import Figures


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with what it rests on. `pick`: what lists its messages, `show` the button for it; empty without."""

    key: str
    name: str
    value: str
    notes: tuple[str, ...]
    pick: str = ""
    show: str = ""


def draw(found: Figures) -> None:
    """Draw the figures beside each other; on a phone below each other."""
    with st.container(key="trends_tiles"):
        for one in tiles(found):
            with st.container(key=f"trends_tile_{one.key}", gap=None):
                st.html(_html(one))
                if one.pick:
                    st.button(
                        one.show,
                        key=f"trends_show_{one.key}",
                        type="tertiary",
                        icon=":material/list:",
                        on_click=steps.on_pick,
                        args=(one.pick,),
                    )


def tiles(found: Figures) -> list[Tile]:
    """The figures in words."""
    if found.tones is None or found.tones_before is None:
        told = [_said(found.volume, found.before)]
    else:
        negative = _negative(found.tones, found.tones_before, found.accuracy)
        told = [_said(found.tones, found.tones_before), negative, _late(found.tones)]
    voice = _voice(found.voice)
    return [*told, voice] if voice is not None else told


def _said(now: Series, then: Series) -> Tile:
    notes = [change.of_counts(now.total, then.total)]
    if now.left_out:
        notes.append(plural("{n} copy not counted", "{n} copies not counted", now.left_out))
    if now.unit == "conversations":
        name, show = _("Conversations"), plural("Show {n} conversation", "Show {n} conversations", now.total)
    else:
        name, show = _("Messages"), plural("Show {n} message", "Show {n} messages", now.total)
    pick = picked.written("tile", "all") if now.total else ""
    return Tile("all", name, number(now.total), tuple(notes), pick, show)


def _negative(now: Series, then: Series, accuracy: Accuracy | None) -> Tile:
    hits, n = toned(now)
    notes = [_("of {n} with a tone").format(n=number(n))]
    value = NONE
    if n:
        value = percent(hits / n)
        notes += [change.of_shares(hits, n, *toned(then)), tone_accuracy.in_short(accuracy)]
    show = plural("Show {n} negative message", "Show {n} negative messages", hits)
    pick = picked.written("tile", "negative") if hits else ""
    return Tile("negative", _("Negative"), value, tuple(notes), pick, show)


def toned(series: Series) -> tuple[int, int]:
    """How many were negative, and how many were given a tone at all; "unsure" is none."""
    n = counts.by_key(series)
    return n.get("negative", 0), sum(n.get(key, 0) for key in ("negative", "neutral", "positive"))


def _late(series: Series) -> Tile:
    share = percent(series.late / series.total) if series.total else NONE
    note = _("more than a day after they were said: {share} of all").format(share=share)
    show = plural("Show {n} late message", "Show {n} late messages", series.late)
    pick = picked.written("tile", picked.LATE) if series.late else ""
    return Tile("late", _("Found late"), number(series.late), (note,), pick, show)


def _voice(found: ShareOfVoice) -> Tile | None:
    if {one.competitor for one in found.brands} != {True, False} or not found.mentions:
        return None
    ours, before = (sum(getattr(one, name) for one in found.brands if not one.competitor) for name in ("n", "n_before"))
    notes = [_("of {n} that name a brand").format(n=number(found.mentions))]
    notes.append(change.of_shares(ours, found.mentions, before, found.mentions_before))
    return Tile(
        "voice",
        _("Share of voice"),
        percent(ours / found.mentions),
        tuple(notes),
        picked.written("tile", "voice") if ours else "",
        plural("Show {n} message", "Show {n} messages", ours),
    )


def _html(one: Tile) -> str:
    notes = "".join(f"<li>{verbatim(note)}</li>" for note in one.notes if note)
    return (
        f'<section class="kb-figure" id="kb-figure-{one.key}"><h2>{verbatim(one.name)}</h2>'
        f"<b>{verbatim(one.value)}</b><ul>{notes}</ul></section>"
    )
