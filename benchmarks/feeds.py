"""What a poll of a feed costs: changed and read, unchanged and not read, or not even sent (304)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from benchmarks import inputs
from benchmarks.report import Figures
from benchmarks.server import loopback
from connectors.contract import Task
from connectors.feeds import FeedsConnector
from connectors.feeds.options import FeedsOptions
from connectors.requests import HttpRequest, HttpResponse
from pipeline.http import ClientSettings, PoliteClient
from pipeline.http.validators import validator_of
from pipeline.isolate import ParseProcess

POLLS = 300
_HOST = "127.0.0.1"


def run(polls: int = POLLS) -> list[Figures]:
    """Poll a feed of 20 entries over loopback so many times in each way, in turns."""
    return [asyncio.run(_run(polls))]


async def _run(polls: int) -> Figures:
    settings = ClientSettings(allow_private_hosts=frozenset({_HOST}), per_host=8)
    with loopback() as base:
        url = f"{base}/feed"
        connector = FeedsConnector(FeedsOptions(urls=(url,)))
        query = connector.queries(())[0]
        async with PoliteClient(settings) as client, ParseProcess(size=1, preload=("connectors.feeds",)) as parser:

            async def ask(url: str, *, conditional: bool) -> HttpResponse:
                request = HttpRequest(url, conditional=conditional)
                return await client.fetch(request, validator=known.get(url) if conditional else None)

            known = {}
            for each in (url, f"{base}/same"):
                first = await ask(each, conditional=False)
                asked = HttpResponse(
                    HttpRequest(each, conditional=True), 200, first.headers, first.body, each, first.received_at
                )
                known[each] = validator_of(asked, None)
            task = Task("bench", query, inputs.window())

            async def changed() -> None:
                connector.parse(task, await ask(url, conditional=False))

            async def apart() -> None:
                await parser.run(connector, task, await ask(url, conditional=False), 15.0)

            async def same_body() -> None:
                answer = await ask(f"{base}/same", conditional=True)
                assert answer.unchanged
                connector.parse(task, answer)

            async def not_modified() -> None:
                answer = await ask(url, conditional=True)
                assert answer.unchanged
                connector.parse(task, answer)

            ways: dict[str, Callable[[], Awaitable[None]]] = {
                "unchanged: 304, never parsed": not_modified,
                "unchanged: the same body again, never parsed": same_body,
                "changed: fetched and parsed here": changed,
                "changed: parsed in its own process, as the worker does": apart,
            }
            return await _in_turns(ways, polls)


async def _in_turns(ways: dict[str, Callable[[], Awaitable[None]]], polls: int) -> Figures:
    spent = {name: [0.0, 0.0] for name in ways}
    warm = min(3, polls // 2)
    for poll in range(polls + warm):
        for name, way in ways.items():
            cpu, wall = time.process_time(), time.perf_counter()
            await way()
            if poll >= warm:
                spent[name][0] += time.process_time() - cpu
                spent[name][1] += time.perf_counter() - wall
    found = Figures(
        f"Feeds: a poll of one feed of 20 entries over loopback ({polls:,} of each, in turns)",
        ("way", "polls/s", "CPU us a poll", "times a 304"),
        notes=["CPU of this process; the last line's parsing burns its time in the other process."],
    )
    least = spent["unchanged: 304, never parsed"][0]
    for name, (cpu, wall) in spent.items():
        found.add(name, polls / wall, cpu / polls * 1e6, cpu / least)
    return found
