"""The inside of a parsing process: read a job, do it, send the outcome, until the input ends.

Run as `python -m pipeline.isolate_child MEMORY_BYTES [MODULE...]`; started by `pipeline.isolate` only.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import importlib
import io
import os
import pickle
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from connectors.errors import ConnectorError

HEADER = ">Q"
READY = b"ready"
STARTED = b"started"
_GRACE_S = 5.0
_BUILTINS = frozenset({"set", "frozenset", "bytearray", "complex"})
_DATETIME = frozenset({"datetime", "timedelta", "timezone", "date", "time"})


@dataclass(frozen=True, slots=True)
class Job:
    """One reading of untrusted bytes: a function (or a method of something picklable) with what it is given.

    `seconds` is what it may take.
    """

    work: Callable[..., object]
    given: tuple[Any, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: its value, the connector's own error, or a sentence about unexpected trouble."""

    value: object = None
    error: ConnectorError | None = None
    trouble: str = ""


class _NamedOnly(pickle.Unpickler):
    """Unpickles values, dataclasses, enums and connector errors; no other code is reached by name."""

    def find_class(self, module: str, name: str) -> Any:
        """Find a class that a page may hold.

        Raises:
            pickle.UnpicklingError: anything else was named.
        """
        if "." not in name:
            if (module == "builtins" and name in _BUILTINS) or (module == "datetime" and name in _DATETIME):
                return super().find_class(module, name)
            # Only what the connector already brought into this process; a frame imports nothing.
            found = getattr(sys.modules.get(module), name, None)
            if isinstance(found, type) and _is_value(found):
                return found
        msg = f"{module}.{name} is not part of a page"
        raise pickle.UnpicklingError(msg)


def _is_value(kind: type) -> bool:
    """Tell whether making an instance of this class does nothing but hold values."""
    return dataclasses.is_dataclass(kind) or issubclass(kind, (enum.Enum, ConnectorError))


def load_result(frame: bytes) -> object:
    """Unpickle an outcome by name list.

    Raises:
        pickle.UnpicklingError: the frame names something that is not part of a page.
    """
    return _NamedOnly(io.BytesIO(frame)).load()


def _read(source: BinaryIO, length: int) -> bytes | None:
    """Exactly so many bytes; None when the worker is gone."""
    data = source.read(length)
    return data if data is not None and len(data) == length else None


def _write(target: BinaryIO, frame: bytes) -> None:
    """Send one frame."""
    target.write(struct.pack(HEADER, len(frame)))
    target.write(frame)
    target.flush()


def _where(error: BaseException) -> str:
    """The last line of ours in a traceback, as `file:line`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "unknown place"  # noqa: PTH119


def _do(job: Job) -> Outcome:
    """Do one job and fold whatever happens into an outcome."""
    try:
        value = job.work(*job.given)
    except ConnectorError as error:
        return Outcome(error=error)
    except MemoryError:
        return Outcome(trouble="reading the answer needs more memory than is allowed")
    except RecursionError:
        return Outcome(trouble="the answer is nested too deeply to be read")
    except Exception as error:  # noqa: BLE001 - a connector's mistake must name itself to the worker, not end the child
        return Outcome(
            trouble=f"reading the answer failed ({type(error).__name__}: {str(error)[:300]}, {_where(error)})"
        )
    return Outcome(value=value)


def _frame(outcome: Outcome) -> bytes:
    """Pickle an outcome so that the worker can surely read it."""
    try:
        frame = pickle.dumps(outcome, protocol=5)
        load_result(frame)
    except Exception as error:  # noqa: BLE001 - pickling runs code of whatever the connector returned
        if outcome.error is not None:
            plain = _plain(outcome.error)
            return pickle.dumps(Outcome(error=plain), protocol=5)
        said = f"the connector returned something that is not a page of plain values ({type(error).__name__}: {error})"
        return pickle.dumps(Outcome(trouble=said[:500]), protocol=5)
    return frame


def _plain(error: ConnectorError) -> ConnectorError:
    """The nearest of our own error classes, for a third party's error that cannot travel."""
    own = next(kind for kind in type(error).__mro__ if kind.__module__ == ConnectorError.__module__)
    told: ConnectorError = own(str(error))
    for name in ("until", "whole_host", "whole_source", "retry_after_s", "spent"):
        if hasattr(error, name) and hasattr(told, name):
            setattr(told, name, getattr(error, name))
    return told


def _limit_memory(most: int) -> None:
    """Cap the address space where the system can; no core files either."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _alarm(seconds: float) -> None:
    """Have the system end this process, should the worker be gone and unable to; 0 takes it back."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def main() -> None:
    """Serve jobs until the input ends."""
    # Whatever a parser prints must not mix with the frames.
    source, target = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # The worker decides when a child ends, also when somebody presses Ctrl-C in the terminal of both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in sys.argv[2:]:
        importlib.import_module(name)
    _limit_memory(int(sys.argv[1]))
    _write(target, READY)
    while (head := _read(source, struct.calcsize(HEADER))) is not None:
        frame = _read(source, struct.unpack(HEADER, head)[0])
        if frame is None:
            return
        try:
            job = pickle.loads(frame)  # noqa: S301 - comes from the worker itself
        except Exception as error:  # noqa: BLE001 - a connector that cannot be imported here must say so
            said = f"the connector cannot be loaded in a parsing process ({type(error).__name__}: {error})"
            _write(target, _frame(Outcome(trouble=said[:500])))
            continue
        _write(target, STARTED)
        _alarm(job.seconds + _GRACE_S)
        outcome = _frame(_do(job))
        _alarm(0)
        _write(target, outcome)


if __name__ == "__main__":
    # Classes pickled here must be found under their module's name, not under __main__.
    from pipeline.isolate_child import main as serve

    serve()
