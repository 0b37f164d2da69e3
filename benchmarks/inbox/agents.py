"""Thirty agents at once, each taking the next conversation, assigning and resolving it, with time to think between."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from statistics import median

from benchmarks.inbox import split
from benchmarks.inbox.browser import quantile
from benchmarks.inbox.serving import Served, served
from benchmarks.inbox.store import MENTIONS, House, house
from benchmarks.inbox.wire import Agent
from benchmarks.report import Figures

ACTIONS = 2_000
AGENTS = 30
PROCESSES = 2
"""Of the dashboard, sharing its port: thirty agents that act every other second ask for more than one core."""
THINK_S = 1.5
P95_MS = 350.0
GROWTH = 0.10
_STEPS = ("next", "assign_me", "resolve")
LONGEST_S = 300.0


def run(actions: int) -> list[Figures]:
    """Let them work until so many actions are done."""
    small = actions < ACTIONS
    count, processes = (4, 1) if small else (AGENTS, PROCESSES)
    with (
        house(2_000 if small else MENTIONS, agents=count) as made,
        served(made.folder, made.config, processes=processes) as ours,
    ):
        found = asyncio.run(_Shift(ours, made, actions, 0.1 if small else THINK_S).work())
        runs = ours.runs()
    return [*found, split.figures(runs)]


class _Shift:
    def __init__(self, server: Served, made: House, actions: int, think_s: float) -> None:
        self.server, self.made, self.actions, self.think_s = server, made, actions, think_s
        self.times: dict[str, list[float]] = {step: [] for step in _STEPS}
        self.memory: list[float] = []
        self.refused: Counter[str] = Counter()
        self.done = 0

    async def work(self) -> list[Figures]:
        """All agents until the actions are done or the time is over."""
        agents = [await Agent.enter(self.server.base, token, "unassigned") for token in self.made.tokens]
        cpu, began = self.server.cpu_s(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, agent in enumerate(agents):
                group.create_task(self._one(agent, random.Random(number), began + LONGEST_S))
        seconds, spent = time.monotonic() - began, self.server.cpu_s() - cpu
        for agent in agents:
            await agent.leave()
        return [self._speed(seconds, spent), self._memory()]

    async def _one(self, agent: Agent, rng: random.Random, until: float) -> None:
        await agent.idle(rng.random() * 2 * self.think_s)
        while self.done < self.actions and time.monotonic() < until:
            for step in _STEPS:
                self.times[step].append(1000 * await agent.act(step))
                if agent.screen.notice:
                    self.refused[f"{step}: {agent.screen.notice}"] += 1
                self.done += 1
                if self.done % 10 == 0:
                    self.memory.append(self.server.rss_mb())
                await agent.idle(rng.uniform(0.5, 1.5) * self.think_s)

    def _speed(self, seconds: float, cpu_s: float) -> Figures:
        found = Figures(
            f"Inbox: {len(self.made.tokens)} agents over raw websockets, {self.think_s:g} s of thought between actions "
            f"(ms, {self.made.mentions:,} mentions, processes: {len(self.server.processes)})",
            ("action", "n", "p50", "p95", "goal p95", "met"),
        )
        every = [one for times in self.times.values() for one in times]
        for name, times in (*self.times.items(), ("all", every)):
            p95 = quantile(times, 0.95)
            goal = ("<= 350", p95 <= P95_MS) if name == "all" else ("", None)
            found.add(name, len(times), quantile(times, 0.5), p95, *goal)
            if goal[1] is False:
                found.missed.append(f"{len(self.made.tokens)} agents: p95 {p95:.0f} ms (goal {P95_MS:.0f})")
        found.notes.append(
            f"{self.done / seconds:.1f} actions a second, {1000 * cpu_s / self.done:.0f} ms CPU of the server each "
            f"(its ticks by the clock included), {100 * cpu_s / seconds:.0f} % of one core."
        )
        found.notes.extend(f"{count} times refused at {what}" for what, count in self.refused.most_common(3))
        return found

    def _memory(self) -> Figures:
        found = Figures(
            f"Inbox: RSS of the dashboard over {self.done:,} actions",
            ("quarter", "median MiB", "most MiB", "to the second"),
        )
        size = max(1, len(self.memory) // 4)
        quarters = [self.memory[at * size : (at + 1) * size] or self.memory[-1:] for at in range(4)]
        second = median(quarters[1])
        for number, values in enumerate(quarters, 1):
            found.add(str(number), median(values), max(values), median(values) / second)
        grown = median(quarters[3]) / second - 1
        if grown > GROWTH:
            found.missed.append(f"the dashboard grew by {100 * grown:.0f} % from the second to the last quarter")
        return found
