"""Our own components (components-v2): inline JavaScript and CSS shipped as package data, registered once.

Each is drawn by mounting it with `data`; what the browser does comes back as triggers. All text of others is set
with `textContent` in the browser, so that it is shown and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_HERE = Path(__file__).parent
_HTML = {
    "mention_list": (
        '<div class="root"><button class="pill" type="button" hidden></button>'
        '<div class="scroll" role="listbox" tabindex="0"></div><div class="sr" aria-live="polite"></div></div>'
    ),
    "composer": (
        '<div class="box"><div class="tabs" role="tablist"></div><textarea rows="3"></textarea>'
        '<div class="foot"><span class="hint"></span><button class="save" type="button"></button></div></div>'
    ),
    "dossier": '<div class="box"></div>',
    "nav": '<div class="box"></div>',
    "step_bar": (
        '<div class="box"><button class="back" type="button"></button>'
        '<div class="toast" role="status" hidden></div></div>'
    ),
}
_FILES = {"mention_list": "list", "composer": "composer", "dossier": "dossier", "nav": "nav", "step_bar": "step_bar"}


@cache
def _component(name: str) -> Callable[..., Any]:
    stem = _HERE / name / _FILES[name]
    return st.components.v2.component(
        f"klankbord_{name}",
        html=_HTML[name],
        css=stem.with_suffix(".css").read_text(encoding="utf-8"),
        js=stem.with_suffix(".js").read_text(encoding="utf-8"),
    )


def register() -> None:
    """Register all components; done once when the server starts."""
    for name in _HTML:
        _component(name)


def mount(name: str, data: Mapping[str, Any], *, height: str = "content", **triggers: Callable[[], None]) -> None:
    """Draw a component under its own name. A trigger `pick=f` calls `f` when the browser sends `pick`.

    The value of the trigger is read with `sent`.
    """
    callbacks = {f"on_{trigger}_change": call for trigger, call in triggers.items()}
    _component(name)(key=name, data=dict(data), height=height, **callbacks)


def sent(name: str, trigger: str) -> Mapping[str, Any]:
    """What the browser sent with a trigger, inside its callback; empty when it is not what we expect."""
    state = st.session_state.get(name)
    value = getattr(state, trigger, None) if state is not None else None
    return value if isinstance(value, Mapping) else {}
