"""Why an export failed, or waits: codes as the store keeps them, and their sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox.sentences import Sentence
from store.export_jobs import Trouble

_UNTOLD = "?"
"""Stands where nothing was kept."""


def sentence(kept: Any) -> Sentence | None:
    """What a kept code says; None where there is none."""
    if not isinstance(kept, Mapping):
        return None
    code = str(kept.get("code"))
    known = SENTENCES[Trouble(code) if code in set(Trouble) else Trouble.FAULT]
    return Sentence(known.template, **{**known.values, **(kept.get("facts") or {})})


SENTENCES: Mapping[Trouble, Sentence] = {
    Trouble.DISK: Sentence(
        "The disk of the server is full, or nearly; the half file was removed. Make room there, then start it again."
    ),
    Trouble.ROOM: Sentence(
        "All kept exports together take more than the {most} GB that are set for them. Delete old ones, then start it "
        "again.",
        most=_UNTOLD,
    ),
    Trouble.NO_LEAVE: Sentence("Whoever asked for it may not take anything out any more."),
    Trouble.SEARCH: Sentence("The search cannot be read any more: {why}", why=_UNTOLD),
    Trouble.DIED: Sentence(
        "The worker went away {times} times while it made this; the server's log may say why. Ask for less at once.",
        times=_UNTOLD,
    ),
    Trouble.FAULT: Sentence(
        "An error that nobody foresaw; the server's log has the details. Nothing half was left behind."
    ),
    Trouble.ERASED: Sentence("Its file was removed when somebody was erased. Start it again to have it without them."),
    Trouble.NO_STORE: Sentence("The store “{where}” is no longer in the configuration.", where=_UNTOLD),
    Trouble.NO_FOLDER: Sentence("No folder for exports is configured any more."),
    Trouble.OUTSIDE: Sentence("“{where}” does not lie below the folder that is configured for exports.", where=_UNTOLD),
    Trouble.FOLDER: Sentence("It cannot be written to “{where}”: {why}", where=_UNTOLD, why=_UNTOLD),
    Trouble.LINE: Sentence(
        "{where} cannot be reached, or dropped the connection. Nothing half stands there.", where=_UNTOLD
    ),
    Trouble.REFUSED: Sentence("{where} refuses the key or what it may do there: {why}", where=_UNTOLD, why=_UNTOLD),
    Trouble.NO_BUCKET: Sentence("{where} has no such bucket.", where=_UNTOLD),
    Trouble.GUARDED: Sentence("{where} may not be called: {why}", where=_UNTOLD, why=_UNTOLD),
    Trouble.ANSWER: Sentence(
        "{where} answered with an error; nothing half stands there. It said: {why}", where=_UNTOLD, why=_UNTOLD
    ),
    Trouble.GONE: Sentence("The made file is gone from the server before it could be delivered."),
}
