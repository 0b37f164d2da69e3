"""Who holds work: processes told apart for good, so that what a dead one held is known to be free.

A name holds the boot of the machine, the namespace that process numbers count in, the number, and when the process
began. Only about a process of the same boot and namespace can be said that it has ended; of any other (another machine,
another container, a system without /proc) nothing is known, and whoever waits for it waits for its lease.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from uuid import uuid4

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_ENDED = frozenset("ZX")
"""States of a process that runs no more, though its parent has not asked about it yet (proc_pid_stat(5))."""


def oneself() -> str:
    """This process, by a name that no other one ever has."""
    here, begun = _here(), _began(os.getpid())
    if here is None or begun is None:
        return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex}"
    return f"{here}/{os.getpid()}/{begun}"


def has_ended(name: str) -> bool:
    """Whether the process of this name certainly runs no more; False where that cannot be known."""
    place, _, process = name.rpartition("/")
    place, _, number = place.rpartition("/")
    if not place or place != _here() or not number.isascii() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass  # somebody else's process: it is there
    begun = _began(int(number))
    return begun is not None and begun != process


def _here() -> str | None:
    """The boot of this machine, and the namespace of process numbers (pid_namespaces(7)) that we are in."""
    try:
        return f"{_BOOT.read_text().strip()}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return None


def _began(number: int) -> str | None:
    """When a process began, in ticks since the boot; "" of one that has ended, None where that is not told."""
    try:
        told = Path(f"/proc/{number}/stat").read_text(errors="replace")
    except OSError:
        return None
    fields = told.rpartition(")")[2].split()  # its name may hold anything, and comes before
    return "" if fields[0] in _ENDED else fields[19]
