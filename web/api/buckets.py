"""How often a token may call: a bucket that fills steadily and holds so many calls. Pure but for its own counts.

The counts lie in memory that several web processes may share (`shared`); in the store they would make every reading
call a writing one.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SLOTS = 1 << 14
_SPREAD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio (Knuth, TAOCP 3, 6.4): the low bits of tokens' numbers are nearly always the same."""
_NEAR = 32
"""Places in which a key may lie. Eight thousand tokens that all call at once lie there without a push."""
_ROW = struct.Struct("<Qdd")
"""Key and one, so that 0 is an empty place; calls held; when that was."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whether a call may go on. `left`: calls that may follow at once; `wait_s`: seconds until the next one may."""

    allowed: bool
    left: int
    wait_s: int


class Buckets:
    """One bucket for each key. Safe to share between threads, and between processes that open the same file.

    Args:
        per_minute: how fast a bucket fills.
        burst: how many calls it holds.
        shared: file of the counts, for all processes of one machine; None: this process counts for itself.
    """

    def __init__(self, *, per_minute: int, burst: int, shared: Path | None = None) -> None:
        self.per_minute = per_minute
        self.burst = burst
        self._lock = threading.Lock()
        self._file = -1
        if shared is not None:
            self._file = os.open(shared, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            os.ftruncate(self._file, _SLOTS * _ROW.size)
        self._rows = mmap.mmap(self._file, _SLOTS * _ROW.size)

    def take(self, key: int, now_s: float) -> Turn:
        """Take a call out of a bucket, if one is in it.

        Args:
            key: whose bucket; not negative.
            now_s: seconds on a clock that never goes back, the same for all who share the counts.
        """
        rate = self.per_minute / 60
        with self._alone():
            place, held, at = self._find(key, now_s)
            allowed = held >= 1
            held -= allowed
            _ROW.pack_into(self._rows, place, key + 1, held, at)
        return Turn(allowed, int(held), 0 if held >= 1 else max(1, math.ceil((1 - held) / rate)))

    def _find(self, key: int, now_s: float) -> tuple[int, float, float]:
        """Where a key lies or is to lie, how many calls it holds now, and the instant of that: full where it is new.

        Where every place is taken it takes over the fullest bucket as it is: one that has filled again loses nothing
        by it, and nobody gets a call more by pushing others out.
        """
        start, found = (key * _SPREAD & 0xFFFF_FFFF_FFFF_FFFF) >> 50, (0, -math.inf, now_s)
        for step in range(_NEAR):
            place = (start + step) % _SLOTS * _ROW.size
            marked, held, since = _ROW.unpack_from(self._rows, place)
            if not marked:  # no place is ever emptied, so the key lies behind none
                return place, float(self.burst), now_s
            held = min(float(self.burst), max(0.0, held) + max(0.0, now_s - since) * self.per_minute / 60)
            if marked == key + 1:
                return place, held, max(now_s, since)
            if held > found[1]:
                found = place, held, max(now_s, since)
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else counts meanwhile. Who dies with the lock gives it back."""
        with self._lock:
            if self._file < 0:
                yield
                return
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
