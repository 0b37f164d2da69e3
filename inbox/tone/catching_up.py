"""How far kept messages are with being read again, after a word or the model changed. The worker does the work."""

from __future__ import annotations

from inbox.desk import Desk
from inbox.tone.views import CatchingUp
from store.walks import find_walk

_WORK = "enrichment"
"""Name of the worker's walk over kept mentions (`pipeline.reenriching`)."""


def progress(desk: Desk) -> CatchingUp | None:
    """How far the work is; None when nothing is being read again."""
    with desk.store.read() as conn:
        walk = find_walk(conn, _WORK)
    if walk is None or walk.ended_at is not None:
        return None
    return CatchingUp(done=walk.done, total=max(walk.total, walk.done), changed=walk.changed)
