"""Keeping garbage collection out of the way of clicks.

Streamlit walks the whole heap after every run of the script, twice per click here: once for the callback, once for
the redraw. With two hundred thousand objects of imported modules that was most of what a click cost. So the modules
are imported first and set aside (`gc.freeze`), Streamlit's own collection is off (`runner.postScriptGC` in the shipped
settings), and the few objects that are left are walked here every few seconds, whether or not anybody clicks.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

EVERY_S = 5.0
"""Seconds between two collections: short, so that what a busy team leaves behind stays small."""

# Imported by Streamlit or by us when a page first needs them; up front, so that nobody waits and they can be set aside.
_EAGER = (
    "altair",
    "pandas",
    "pyarrow",
    "PIL.Image",
    "streamlit.material_icon_names",
    "babel.dates",
    "babel.numbers",
    "screens.navigation",
)


def load() -> None:
    """Import everything that pages need."""
    for name in _EAGER:
        importlib.import_module(name)


def set_aside() -> None:
    """Take all that lives now out of sight of the collector, for as long as the process runs."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def tidied(every_s: float = EVERY_S) -> AsyncIterator[None]:
    """Collect garbage every few seconds while the block runs."""
    task = asyncio.create_task(_collect(every_s))
    try:
        yield
    finally:
        task.cancel()


async def _collect(every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        gc.collect()
