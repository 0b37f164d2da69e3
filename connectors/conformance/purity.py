"""A watch over code that must be pure: no network, no files, no waiting, no clock."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from types import FrameType
from typing import Any

_CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "localtime", "gmtime", "sleep"}
_OUTSIDE = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.system", "urllib.Request")
_watched = threading.local()
_installed: list[bool] = []


class Impure(AssertionError):  # noqa: N818 -- it is a verdict
    """The code under watch looked at the world."""


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not getattr(_watched, "on", False):
        return
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if event in _OUTSIDE or writes:
        msg = f"a connector did something outside itself: {event}"
        raise Impure(msg)


@contextmanager
def pure() -> Iterator[None]:
    """Raise when the code inside opens a connection, starts a process, writes a file, waits or asks for the time.

    Reading files stays allowed, because modules are imported on first use.

    Raises:
        Impure: it did; the message says what.
    """
    if not _installed:
        sys.addaudithook(_audit)  # a hook cannot be taken out again, so it only acts while a watch is on
        _installed.append(True)
    found: list[str] = []

    def watch(_frame: FrameType, event: str, called: Any) -> None:
        if event != "c_call" or getattr(called, "__name__", "") not in _CLOCKS:
            return
        owner = getattr(called, "__self__", None)
        if owner is time or (isinstance(owner, type) and issubclass(owner, datetime | date)):
            found.append(f"{getattr(owner, '__name__', owner)}.{called.__name__}()")

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # what others left behind may ask for the time when it is cleared away
    _watched.on = True
    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(before)
        _watched.on = False
        if collecting:
            gc.enable()
    if found:
        calls = ", ".join(sorted(set(found)))
        msg = f"a connector asked for the time by itself: {calls}; instants come with the task and the answer"
        raise Impure(msg)
