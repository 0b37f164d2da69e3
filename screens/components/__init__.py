"""Our own components (components-v2): JavaScript and CSS shipped as package data, registered once (`parts`).

Each is drawn by mounting it with `data`; what the browser does comes back as triggers, each once (`outbox`). All text
of others is set with `textContent` in the browser, so that it is shown and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

from screens.components import outbox, parts

_HERE = Path(__file__).parent
_PREFIX = "klankbord_"
"""Of the names under which browsers know our components."""
_HTML = {
    "mention_list": (
        '<div class="root"><div class="bulk" hidden></div><button class="pill" type="button" hidden></button>'
        '<div class="scroll" role="listbox" tabindex="0"></div><div class="sr" aria-live="polite"></div></div>'
    ),
    "composer": (
        '<div class="box"><div class="top"><div class="tabs" role="tablist"></div>'
        '<span class="others" hidden></span>'
        '<span class="line"><span class="state" role="status"></span><span class="count" hidden></span></span></div>'
        '<div class="why" hidden></div><div class="approval" hidden></div><div class="strip" role="alert" hidden></div>'
        '<textarea rows="1" aria-controls="names"></textarea>'
        '<div class="names" id="names" role="listbox" hidden></div><div class="promise" role="status" hidden></div>'
        '<div class="picker" hidden><input type="search" role="combobox" aria-expanded="true" aria-controls="rows" '
        'autocomplete="off"><div class="rows" id="rows" role="listbox"></div></div>'
        '<div class="foot"><button class="tool templates" type="button" aria-expanded="false" hidden></button>'
        '<label class="sign" hidden><input type="checkbox"><span></span></label>'
        '<label class="seen" hidden><select></select></label><span class="hint"></span><span class="send">'
        '<button class="save" type="button"></button>'
        '<button class="more" type="button" aria-haspopup="menu" aria-expanded="false" hidden></button>'
        '<span class="menu" role="menu" hidden></span></span></div></div>'
    ),
    "customer": '<div class="box"></div>',
    "dossier": '<div class="box"></div>',
    "nav": '<div class="box"></div>',
    "outgoing": '<div class="box"></div>',
    "around": "",
    "tone": "",
    "charts": "",
    "palette": (
        '<dialog><input type="text" role="combobox" aria-expanded="true" aria-controls="list" autocomplete="off">'
        '<div class="list" id="list" role="listbox"></div><div class="hint"></div></dialog>'
    ),
    "guide": (
        '<dialog></dialog><div class="tour" popover="manual"><div class="ring" hidden></div>'
        '<div class="bubble"></div></div>'
    ),
    "query_editor": (
        '<div class="box"><label for="query"></label><div class="field"><div class="layer" aria-hidden="true"></div>'
        '<textarea id="query" rows="3" spellcheck="false" autocapitalize="off" autocomplete="off" '
        'aria-label="Query" aria-describedby="said"></textarea></div>'
        '<div class="said" id="said" role="status"></div></div>'
    ),
    "step_bar": (
        '<div class="box"><button class="back" type="button"></button>'
        '<div class="toast" role="status" hidden></div></div>'
    ),
}
_FILES = {
    "mention_list": "list",
    "composer": "composer",
    "customer": "customer",
    "dossier": "dossier",
    "nav": "nav",
    "outgoing": "outgoing",
    "around": "around",
    "tone": "tone",
    "charts": "charts",
    "palette": "palette",
    "guide": "guide",
    "query_editor": "editor",
    "step_bar": "step_bar",
}


@cache
def _component(name: str) -> Callable[..., Any]:
    stem = _HERE / name / _FILES[name]
    return st.components.v2.component(
        _PREFIX + name,
        html=_HTML[name],
        css=parts.style(stem.with_suffix(".css")),
        js=parts.script(stem.with_suffix(".js")),
    )


def register() -> None:
    """Register all components; done once when the server starts."""
    for name in _HTML:
        _component(name)


def mount(name: str, data: Mapping[str, Any], *, height: str = "content", **triggers: Callable[[], None]) -> None:
    """Draw a component under its own name. A trigger `pick=f` calls `f` each time the browser sends `pick`.

    The value of the trigger is read with `sent`.
    """
    if not triggers:
        _component(name)(key=name, data=dict(data), height=height)
        return
    heard = {_PREFIX + each: number for each, number in outbox.heard().items()}
    call = partial(outbox.hear, name, triggers)
    _component(name)(key=name, data={**data, "heard": heard}, height=height, on_told_change=call)


def sent(name: str, trigger: str) -> Mapping[str, Any]:
    """What the browser sent with a trigger, inside its callback; empty when it is not what we expect."""
    return outbox.in_hand(name, trigger)
