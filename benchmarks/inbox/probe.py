"""The real dashboard with a stopwatch in it: one line of JSON per run of a page or fragment, in a file.

python -m benchmarks.inbox.probe PORT LINES [bare | share]

Nothing of the dashboard is replaced; functions around it are timed. With `bare`, the bare app is served instead; with
`share`, other processes may listen on the same port.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, event
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from store.engine import Store

_now = time.perf_counter


class _Watch(threading.local):
    """What this thread has spent so far."""

    def __init__(self) -> None:
        self.fresh()

    def fresh(self) -> None:
        """Begin a run."""
        self.statements, self.execute_s, self.store_s, self.gc_s, self.messages, self.bytes = 0, 0.0, 0.0, 0.0, 0, 0
        self.depth, self.began, self.gc_began = 0, 0.0, 0.0
        self.fragments: dict[str, float] = {}


_watch = _Watch()


def install(lines: Path) -> None:
    """Put the stopwatch in place."""
    file = lines.open("ab", buffering=0)
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)
    gc.callbacks.append(_collecting)
    Store._connection = _timed_block(Store._connection)  # type: ignore[method-assign]  # noqa: SLF001
    MemoryFragmentStorage.lookup = _timed_lookup(MemoryFragmentStorage.lookup)  # type: ignore[method-assign]
    ScriptRunner._enqueue_forward_msg = _counted(ScriptRunner._enqueue_forward_msg)  # type: ignore[method-assign]  # noqa: SLF001
    ScriptRunner._run_script = _timed_run(ScriptRunner._run_script, file.write)  # type: ignore[method-assign]  # noqa: SLF001


def _before(*_: Any) -> None:
    _watch.began = _now()


def _after(*_: Any) -> None:
    _watch.statements += 1
    _watch.execute_s += _now() - _watch.began


def _collecting(phase: str, _info: dict[str, int]) -> None:
    if phase == "start":
        _watch.gc_began = _now()
    else:
        _watch.gc_s += _now() - _watch.gc_began


def _timed_block(original: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def timed(self: Store, options: dict[str, Any]) -> Iterator[Any]:
        began = _now()
        _watch.depth += 1
        try:
            with original(self, options) as conn:
                yield conn
        finally:
            _watch.depth -= 1
            if _watch.depth == 0:
                _watch.store_s += _now() - began

    return timed


def _timed_lookup(original: Callable[..., Any]) -> Callable[..., Any]:
    def lookup(self: MemoryFragmentStorage, key: str) -> Callable[[], Any]:
        fragment = original(self, key)
        name = self._target_key_by_id.get(key, "?")

        @wraps(fragment)
        def timed() -> Any:
            began = _now()
            try:
                return fragment()
            finally:
                _watch.fragments[name] = _watch.fragments.get(name, 0.0) + _now() - began

        return timed

    return lookup


def _counted(original: Callable[..., Any]) -> Callable[..., Any]:
    def enqueue(self: ScriptRunner, msg: Any) -> None:
        _watch.messages += 1
        _watch.bytes += msg.ByteSize()
        original(self, msg)

    return enqueue


def _timed_run(original: Callable[..., Any], write: Callable[[bytes], Any]) -> Callable[..., Any]:
    def run(self: ScriptRunner, rerun_data: Any) -> None:
        _watch.fresh()
        asked, began, cpu = _asked(rerun_data), _now(), time.thread_time()
        original(self, rerun_data)
        told = {
            "asked": asked,
            "wall_ms": 1000 * (_now() - began),
            "cpu_ms": 1000 * (time.thread_time() - cpu),
            "statements": _watch.statements,
            "execute_ms": 1000 * _watch.execute_s,
            "store_ms": 1000 * _watch.store_s,
            "gc_ms": 1000 * _watch.gc_s,
            "messages": _watch.messages,
            "kb": _watch.bytes / 1000,
            "fragments": {name: 1000 * seconds for name, seconds in _watch.fragments.items()},
        }
        write(orjson.dumps(told) + b"\n")

    return run


def _asked(rerun_data: Any) -> str:
    """What the browser sent: the trigger of a component with its verb, a tick of the clock, a page, or a widget."""
    if rerun_data.is_auto_rerun:
        return "tick"
    if not rerun_data.fragment_id_queue and not rerun_data.fragment_id:
        return "page"
    for state in rerun_data.widget_states.widgets if rerun_data.widget_states is not None else ():
        if state.WhichOneof("value") == "json_trigger_value":
            for sent in orjson.loads(state.json_trigger_value or "[]") or []:
                value = sent.get("value")
                return str(value.get("what", sent["event"]) if isinstance(value, dict) else sent["event"])
    return "widget"


if __name__ == "__main__":
    install(Path(sys.argv[2]))
    from klankbord.listening import shared
    from screens.serve import run

    script = Path(__file__).with_name("bare.py") if sys.argv[3:] == ["bare"] else None
    at = "127.0.0.1", int(sys.argv[1])
    with shared(*at) if sys.argv[3:] == ["share"] else nullcontext() as listening:
        run(host=at[0], port=at[1], script=script, listening=listening)
