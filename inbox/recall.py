"""What the drawing of one page has read already and will ask for again: who is asking, the names of sources.

A page that is drawn asks for a dozen things at once, each of which needs some of the same few rows. `use` gives this
thread a place to keep them; `recalled` reads once and then finds them there. The caller empties the place in time: it
holds for one drawing, which takes milliseconds, and a step that is about to change something begins with it empty.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import TypeVar, cast

_kept: ContextVar[dict[Hashable, object] | None] = ContextVar("klankbord_recalled", default=None)
_Value = TypeVar("_Value")


def use(kept: dict[Hashable, object]) -> None:
    """Keep in `kept` what this thread reads from now on."""
    _kept.set(kept)


def recalled(key: Hashable, read: Callable[[], _Value]) -> _Value:
    """What was read under this key before in this drawing, else read now. An exception is not kept."""
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    return cast("_Value", kept[key])
