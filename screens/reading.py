"""What the fragments of one run read together: asked of the inbox once, shown the same everywhere.

A step redraws three fragments in one run of the script; each wants to know who is signed in and what the badges say.
Nothing outlives the run, so what is shown is never older than the redraw itself. Steps are checked by the inbox
again, whatever was read here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from inbox import recall
from screens.turns import Turns

_KEY = "klankbord_read"
_NUMBER = "klankbord_turn"
_numbers = itertools.count(1)
_turns = Turns()
_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Run:
    """What was read in one run; `mark` is an object that Streamlit makes anew for each, `number` says their order."""

    mark: object
    number: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    recalled: dict[Hashable, object] = field(default_factory=dict)


def once(name: str, read: Callable[[], _Value]) -> _Value:
    """The value of this name, read at its first use in this run. An exception is not kept."""
    values = _run().values
    if name not in values:
        values[name] = read()
    return cast("_Value", values[name])


def turn() -> AbstractContextManager[None]:
    """The turn to draw (`screens.turns`); what one run draws comes before what later ones do."""
    return _turns.turn(_run().number)


def keep_turn() -> None:
    """The next run of this tab shows what this one did: it comes before what others began since."""
    st.session_state[_NUMBER] = _run().number


def forget() -> None:
    """A step is about to change the store: look everything up anew, also when the run goes on."""
    run = _run()
    run.values.clear()
    run.recalled.clear()


def _run() -> _Run:
    context = get_script_run_ctx(suppress_warning=True)
    # Streamlit makes it anew for each run, and (unlike its cursors) not for each fragment in it.
    mark = None if context is None else context.parallel_coordinator
    if mark is None:
        return _Run(None)
    run = st.session_state.get(_KEY)
    if not isinstance(run, _Run) or run.mark is not mark:
        run = st.session_state[_KEY] = _Run(mark, st.session_state.pop(_NUMBER, None) or next(_numbers))
    recall.use(run.recalled)
    return run
