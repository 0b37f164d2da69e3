"""Parsing untrusted bytes in a process of its own."""

import asyncio
import os
import sys
import time as wall
from pathlib import Path
from typing import Any

import psutil
import pytest

from connectors.contract import Interval, Query, Task, Window
from connectors.errors import AuthDead, FormatChanged, RateLimited, Transient
from connectors.requests import HttpRequest, HttpResponse
from pipeline.isolate import ParseProcess
from tests.manners.conftest import NOW
from tests.manners.parsers_that_misbehave import WAYS, How, Misbehaving, OddError

TASK = Task("s", Query("q", "q"), Window(Interval(NOW.replace(hour=1), NOW)))
RESPONSE = HttpResponse(HttpRequest("https://h.example/"), 200, {}, b"x" * 100_000, "https://h.example/", NOW)


def _parsers() -> list[psutil.Process]:
    """Our parsing processes; other tests of this process may have a database server running."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "pipeline.isolate_child" in " ".join(child.cmdline())]


def parser(how: str) -> Misbehaving:
    return Misbehaving(How(how=how))


@pytest.fixture
async def pool() -> Any:
    async with ParseProcess(size=1, memory_bytes=1_500_000_000) as processes:
        yield processes


async def test_a_page_comes_back_whole(pool: ParseProcess) -> None:
    assert await pool.run(parser("well"), TASK, RESPONSE, 10) == WAYS["well"]()


async def test_an_endless_parse_is_killed_in_its_limit_and_the_next_goes_on(pool: ParseProcess) -> None:
    pids = pool.pids()
    for how in ("forever", "sleep"):
        began = wall.monotonic()
        with pytest.raises(FormatChanged, match=r"misbehaving: reading the answer took longer than 0.3 s"):
            await pool.run(parser(how), TASK, RESPONSE, 0.3)
        assert wall.monotonic() - began < 3
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert await pool.run(parser("well"), TASK, RESPONSE, 10)


async def test_the_event_loop_goes_on_while_a_parse_hangs(pool: ParseProcess) -> None:
    hanging = asyncio.create_task(pool.run(parser("forever"), TASK, RESPONSE, 0.5))
    longest, last = 0.0, wall.monotonic()
    while not hanging.done():
        await asyncio.sleep(0.01)
        longest, last = max(longest, wall.monotonic() - last), wall.monotonic()
    assert longest < 0.4
    assert isinstance(hanging.exception(), FormatChanged)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("segfault", "crashed its process .SIGSEGV"),
        ("exit", "ended its process .exit code 3"),
        ("system exit", "ended its process|failed"),
        ("memory", "needs more memory than is allowed"),
        ("deep", "nested too deeply"),
        ("lambda", "not a page of plain values"),
        ("system", "not a page of plain values"),
        ("not a page", "sent no page|not a page"),
        ("exception", r"failed .KeyError: 'missing', parsers_that_misbehave.py:\d+"),
    ],
)
async def test_a_parser_that_goes_wrong_costs_one_answer_and_says_why(pool: ParseProcess, how: str, said: str) -> None:
    with pytest.raises(FormatChanged, match=said):
        await pool.run(parser(how), TASK, RESPONSE, 10)
    assert await pool.run(parser("well"), TASK, RESPONSE, 10)


async def test_what_a_parser_prints_does_not_disturb(pool: ParseProcess) -> None:
    assert await pool.run(parser("print"), TASK, RESPONSE, 10)


async def test_a_connectors_own_errors_arrive_as_they_were_raised(pool: ParseProcess) -> None:
    with pytest.raises(RateLimited, match="wait") as limited:
        await pool.run(parser("limited"), TASK, RESPONSE, 10)
    assert (limited.value.until.isoformat(), limited.value.whole_host) == ("2026-01-02T00:00:00+00:00", False)
    with pytest.raises(Transient, match="later") as later:
        await pool.run(parser("transient"), TASK, RESPONSE, 10)
    assert later.value.retry_after_s == 2.5
    with pytest.raises(AuthDead, match="log in again"):
        await pool.run(parser("dead"), TASK, RESPONSE, 10)
    with pytest.raises(OddError) as odd:
        await pool.run(parser("odd"), TASK, RESPONSE, 10)
    assert odd.value.row == 7
    with pytest.raises(Transient, match="cannot travel"):
        await pool.run(parser("stubborn"), TASK, RESPONSE, 10)


async def test_many_parses_reuse_one_process_and_leak_none(pool: ParseProcess) -> None:
    page = await pool.run(parser("pid"), TASK, RESPONSE, 10)
    first = page.state["pid"]
    for _ in range(200):
        page = await pool.run(parser("pid"), TASK, RESPONSE, 10)
    assert page.state["pid"] == first
    assert len(_parsers()) == len(pool.pids()) == 1


async def test_a_child_is_replaced_after_so_many_parses() -> None:
    async with ParseProcess(size=1, jobs_per_child=2) as pool:
        seen = [(await pool.run(parser("pid"), TASK, RESPONSE, 10)).state["pid"] for _ in range(5)]
        assert seen[0] == seen[1] != seen[2] == seen[3] != seen[4]


async def test_a_child_holds_none_of_the_workers_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLANKBORD_SECRET", "x")
    async with ParseProcess(size=1) as fresh:
        page = await fresh.run(parser("pid"), TASK, RESPONSE, 10)
    assert "KLANKBORD_SECRET" not in page.state["environment"]


async def test_a_cancelled_parse_leaves_no_process_behind(pool: ParseProcess) -> None:
    hanging = asyncio.create_task(pool.run(parser("forever"), TASK, RESPONSE, 60))
    await asyncio.sleep(0.3)
    pids = pool.pids()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert await pool.run(parser("well"), TASK, RESPONSE, 10)


async def test_closing_ends_every_child_also_a_busy_one() -> None:
    pool = ParseProcess(size=2)
    await pool.__aenter__()
    hanging = asyncio.create_task(pool.run(parser("forever"), TASK, RESPONSE, 60))
    await asyncio.sleep(0.3)
    await pool.aclose()
    with pytest.raises(Transient, match="stopped while"):
        await hanging
    assert _parsers() == []
    with pytest.raises(Transient, match="closing"):
        await pool.run(parser("well"), TASK, RESPONSE, 10)


async def test_a_child_ends_by_itself_when_the_worker_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "worker.py"
    script.write_text(
        "import asyncio, os\n"
        "from pipeline.isolate import ParseProcess\n"
        "async def main():\n"
        "    pool = ParseProcess(size=1)\n"
        "    await pool.__aenter__()\n"
        "    print(*pool.pids(), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    out, _ = await worker.communicate()
    child = int(out.split()[0])
    deadline = wall.monotonic() + 10
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert wall.monotonic() < deadline
        await asyncio.sleep(0.02)
