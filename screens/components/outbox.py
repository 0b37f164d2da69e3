"""What a browser tells of a component: each step is done once, in its order, also those told while the server is busy.

Streamlit keeps one pending value per component, so a key pressed while an earlier one waits would replace it. Our
browsers tell everything that was not heard yet, with rising numbers (`outbox.js`); here the known ones are skipped,
and the next drawing says how far we have heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

TRIGGER = "told"
"""The one trigger of Streamlit that carries all of ours."""
_HEARD = "klankbord_heard"


@dataclass(frozen=True)
class Told:
    """One step: its number, the component's trigger, and what the browser sent with it."""

    number: int
    event: str
    value: Mapping[str, Any]


_IN_HAND: ContextVar[tuple[str, Told] | None] = ContextVar("in_hand", default=None)


def heard() -> dict[str, int]:
    """The number of the last step heard in this session, by component; those of which none was heard are not there."""
    return dict(st.session_state.get(_HEARD, {}))


def in_hand(name: str, event: str) -> Mapping[str, Any]:
    """What came with the step that is being done; empty when it is another one."""
    now = _IN_HAND.get()
    return now[1].value if now is not None and (now[0], now[1].event) == (name, event) else {}


def hear(name: str, triggers: Mapping[str, Callable[[], None]]) -> None:
    """Do what was told and not heard before. Ends as its steps did: in the redrawing they asked for."""
    asked: list[RerunException] = []
    done = 0
    for told in _told(name):
        if told.number <= heard().get(name, 0):
            continue
        # Heard before it is done: a step that fails is shown as failed, and not done again.
        st.session_state.setdefault(_HEARD, {})[name] = told.number
        call = triggers.get(told.event)
        if call is None:
            continue
        done += 1
        mark = _IN_HAND.set((name, told))
        try:
            call()
        except RerunException as wanted:
            asked.append(wanted)
        finally:
            _IN_HAND.reset(mark)
    if asked:
        raise _together(asked, all_asked=len(asked) == done)


def _told(name: str) -> Iterator[Told]:
    state = st.session_state.get(name)
    found = getattr(state, TRIGGER, None) if state is not None else None
    for one in found if isinstance(found, list) else ():
        match one:
            case {"n": int(number), "event": str(event)}:
                value = one.get("value")
                yield Told(number, event, value if isinstance(value, Mapping) else {})
            case _:
                continue


def _together(asked: list[RerunException], *, all_asked: bool) -> RerunException:
    """One redrawing for several steps: the parts that any asked for; the whole page if one did not say which.

    In the order of the last step, which knows what must be drawn before what.
    """
    parts = [one.rerun_data.fragment_id_queue for one in reversed(asked)]
    if all_asked and all(parts):
        return RerunException(replace(asked[0].rerun_data, fragment_id_queue=list(dict.fromkeys(chain(*parts)))))
    whole = replace(asked[0].rerun_data, fragment_id_queue=[], is_fragment_scoped_rerun=False)
    return RerunException(whole)
