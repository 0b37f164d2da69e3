"""The figures of the page, read together and kept for a short while: a click in a chart asks for them no second time.

They are kept per workspace and role; whoever may not see figures never gets here. Lists of messages are never kept.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import cast
from weakref import WeakKeyDictionary

import streamlit as st

from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.service import Inbox
from inbox.tone.views import Accuracy
from inbox.trends.views import By, HeatMap, Mark, Series, ShareOfVoice, Slice, Step, Top, What
from inbox.views import CurrentUser
from screens.trends.asked import Asked, by_of, step_of
from screens.trends.volume_chart import Spike

FRESH_S = 30
"""Seconds that figures are kept."""
_TOP = 15
_numbers = itertools.count(1)
_workspaces: WeakKeyDictionary[Inbox, int] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is drawn.

    Attributes:
        volume: split as was asked; `before` of the period before, not split.
        tones, tones_before: split by tone, of this period and the one before; None where themes narrow it, of which
            conversations are counted, as is `heat`.
    """

    step: Step
    volume: Series
    before: Series
    tones: Series | None
    tones_before: Series | None
    voice: ShareOfVoice
    heat: HeatMap | None
    marks: tuple[Mark, ...]
    spikes: tuple[Spike, ...]
    accuracy: Accuracy | None

    @property
    def nothing(self) -> bool:
        """Whether nothing at all was said, now and before."""
        told = (self.volume, self.before, self.tones, self.tones_before)
        return not any(one.total for one in told if one is not None)


def read(box: Inbox, who: str, user: CurrentUser, asked: Asked, wanted: Slice) -> Figures:
    """The figures of a slice, at most `FRESH_S` seconds old. May raise `InboxError`."""
    return _read(
        _key(box, user, wanted, (step_of(asked, wanted.first, wanted.last), by_of(asked))), box, who, asked, wanted
    )


def _spikes(box: Inbox, who: str, wanted: Slice) -> tuple[Spike, ...]:
    """What fired in these days about these brands and sources, but what somebody called a false alarm."""
    zone = box.zone()
    return tuple(
        Spike(one.hour.astimezone(zone), one.rule, one.n)
        for one in box.alerts.latest(who)
        if wanted.first <= one.hour.astimezone(zone).date() <= wanted.last
        and one.verdict != "false"
        and not one.silent
        and (not wanted.brand_ids or one.scope.brand_id in {"", *wanted.brand_ids})
        and (not wanted.source_ids or not one.scope.source_ids or set(one.scope.source_ids) & set(wanted.source_ids))
    )


def top(box: Inbox, who: str, user: CurrentUser, wanted: Slice, what: What) -> Top | Sentence:
    """The list that was chosen, read on its own as it takes longer; a sentence where it cannot be told."""
    return _top(_key(box, user, wanted, (what,)), box, who, wanted, what)


def _key(box: Inbox, user: CurrentUser, wanted: Slice, more: tuple[str, ...]) -> str:
    """What figures are kept by: the workspace, the role, and all that is asked."""
    if box not in _workspaces:
        _workspaces[box] = next(_numbers)
    return repr((_workspaces[box], user.role.value, wanted, more))


@st.cache_data(ttl=FRESH_S, max_entries=200, show_spinner=False)
def _read(key: str, _box: Inbox, _who: str, _asked: Asked, _wanted: Slice) -> Figures:  # noqa: ARG001 - kept by
    door = _box.trends
    step = cast("Step", step_of(_asked, _wanted.first, _wanted.last))
    by = None if by_of(_asked) == "none" else cast("By", by_of(_asked))
    then = door.previous(_wanted)
    messages = not _wanted.theme_ids
    tones = door.volume(_who, _wanted, step=step, by="sentiment") if messages else None
    return Figures(
        step=step,
        volume=tones if by == "sentiment" and tones is not None else door.volume(_who, _wanted, step=step, by=by),
        before=door.volume(_who, then, step=step, by="theme" if by == "theme" else None),
        tones=tones,
        tones_before=door.volume(_who, then, step="week", by="sentiment") if messages else None,
        voice=door.share_of_voice(_who, _wanted),
        heat=door.heat_map(_who, _wanted) if messages else None,
        marks=tuple(door.marks(_who, _wanted)),
        spikes=_spikes(_box, _who, _wanted),
        accuracy=_box.tones.accuracy(_who),
    )


@st.cache_data(ttl=FRESH_S, max_entries=200, show_spinner=False)
def _top(key: str, _box: Inbox, _who: str, _wanted: Slice, _what: What) -> Top | Sentence:  # noqa: ARG001 - kept by
    try:
        found: Top = _box.trends.top(_who, _wanted, what=_what, limit=_TOP)
    except BadInput as problem:
        if problem.said is None:
            raise
        return problem.said
    return found
