"""Keeping the collector of cycles out of the way of collecting.

Python looks through the youngest objects after every 700 and now and then through all that live: a tenth of what a
mention cost, and next to nothing that a page makes stands in a cycle. So what a process that ingests has loaded, which
lives as long as it does, is set aside, and the objects of some pages are looked through together.
"""

from __future__ import annotations

import gc

_YOUNG = 50_000
"""Objects made, less those that went, after which the youngest are looked through: a few megabytes of them."""


def set_aside() -> None:
    """Take all that lives now out of sight of the collector, for as long as the process runs; it looks rarely then."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
