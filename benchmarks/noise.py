"""Noise rules: what looking a message up costs with ten and with ten thousand of them; the answers must not differ."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from benchmarks.report import Figures
from inbox.noise.index import Entry, Kind, NoiseIndex, Seen

MESSAGES = 20_000
BAR_US = 20.0
"""Microseconds a message that ten thousand authors and sites may cost."""
_AT = datetime(2026, 3, 1, tzinfo=UTC)
_WORDS = tuple(f"word{number}" for number in range(20_000))
_ROUNDS = 5


def run(messages: int = MESSAGES) -> list[Figures]:
    """Measure each way over so many messages of 25 words, a third of them with a link, in turns."""
    rng = random.Random(7)
    seen = [_message(rng, number) for number in range(messages)]
    ways = {
        "10 authors and sites": list(_authors_and_sites(10)),
        "10,000 authors and sites": list(_authors_and_sites(10_000)),
        "10,000 words": [Entry(number, Kind.WORD, _WORDS[number]) for number in range(10_000)],
        "10,000 phrases": [Entry(number, Kind.WORD, f"{_WORDS[number]} {_WORDS[-number]}") for number in range(10_000)],
        "500 patterns": [
            Entry(number, Kind.PATTERN, f"{rng.choice(_WORDS)}* AND {rng.choice(_WORDS)}") for number in range(500)
        ],
    }
    built: dict[str, tuple[NoiseIndex, float]] = {}
    for name, entries in ways.items():
        start = time.thread_time()
        built[name] = (NoiseIndex(entries), time.thread_time() - start)
    _same_answers(built["10,000 authors and sites"][0], seen[:200])
    spent = dict.fromkeys(ways, 0.0)
    for turn in range(_ROUNDS):
        for name, (index, _build) in built.items():
            start = time.thread_time()
            for one in seen[turn::_ROUNDS]:
                index.meets(one)
            spent[name] += time.thread_time() - start
    found = Figures(
        "Noise rules on one core",
        ("rules", "CPU us a message", "times ten", "built in ms"),
        notes=["Words and patterns include cutting the message into words, which rules of routing need too."],
    )
    for name, seconds in spent.items():
        found.add(name, seconds / messages * 1e6, seconds / spent["10 authors and sites"], built[name][1] * 1e3)
    cost = spent["10,000 authors and sites"] / messages * 1e6
    if cost > BAR_US:
        found.missed.append(f"10,000 authors and sites cost {cost:.1f} us a message; the bar is {BAR_US:.0f}")
    return [found]


def _authors_and_sites(count: int) -> Iterator[Entry]:
    for number in range(count):
        if number % 2:
            yield Entry(number, Kind.SITE, f"site{number}.example")
        else:
            yield Entry(number, Kind.AUTHOR, f"id:{number}", platform="mastodon")


def _message(rng: random.Random, number: int) -> Seen:
    text = " ".join(rng.choices(_WORDS, k=25))
    if number % 3 == 0:
        text += f" https://www.site{rng.randrange(20_000)}.example/page/{number}"
    return Seen(
        mention_id=number,
        at=_AT,
        platform="mastodon",
        source_id="source",
        handle=f"user{rng.randrange(20_000)}",
        account=str(rng.randrange(20_000)),
        url=f"https://mastodon.example/@somebody/{number}",
        text=text,
    )


def _same_answers(index: NoiseIndex, seen: list[Seen]) -> None:
    alone = [NoiseIndex([one]) for one in index.entries]
    for one in seen[:20]:
        found = {entry.id for entry in index.meets(one)}
        assert found == {entry.id for each in alone for entry in each.meets(one)}, (
            "the index must give the same answers"
        )
