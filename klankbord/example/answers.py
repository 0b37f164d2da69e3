"""Answers written on the example's forum from the inbox: kept in a file, so that they stand there after a restart."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Lock

import orjson

from klankbord.example.world import Channel, Persona, Utterance

BRAND_HANDLE = "lumerik"
API_KEY = "voorbeeld"
"""No secret: it opens nothing but the example's own server on this machine."""
_BRAND = Persona(0, "Lumerik", BRAND_HANDLE, 41_200, is_brand=True)
_NUMBERS_FROM = 1_000_000
"""Beyond every number of the world, which goes on writing itself."""


class Answers:
    """What was written, oldest first. Safe to share between threads.

    Args:
        file: where they are kept, one JSON document per line; None keeps them until the server ends.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = Lock()
        self._said: list[Utterance] = []
        if file is not None and file.exists():
            for line in file.read_bytes().splitlines():
                kept = orjson.loads(line)
                self._add(datetime.fromisoformat(kept["at"]), kept["text"], kept["thread"], kept["parent"])

    def all(self) -> list[Utterance]:
        """Everything written so far."""
        with self._lock:
            return list(self._said)

    def write(self, at: datetime, text: str, *, thread: int, parent: int) -> Utterance:
        """The brand writes in a topic.

        Args:
            at: aware UTC.
            text: as it was sent.
            thread: number of the topic's first utterance.
            parent: number of the utterance that is answered.
        """
        with self._lock:
            if self._file is not None:
                line = orjson.dumps({"at": at, "text": text, "thread": thread, "parent": parent})
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("ab") as kept:
                    kept.write(line + b"\n")
            return self._add(at, text, thread, parent)

    def _add(self, at: datetime, text: str, thread: int, parent: int) -> Utterance:
        said = Utterance(
            number=_NUMBERS_FROM + len(self._said),
            channel=Channel.FORUM,
            at=at,
            author=_BRAND,
            lang="nl",
            topic="",
            text=text,
            thread=thread,
            parent=parent,
        )
        self._said.append(said)
        return said
