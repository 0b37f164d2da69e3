"""The world around Klankbord for one journey: a newspaper, a Mastodon server, a forum and a drop folder that all grow.

What was published is remembered by source and id, so that what was stored can be held against it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn

from klankbord.example.server import make_app
from klankbord.example.world import Channel, Persona, Utterance, World
from tests.journey.house import free_port, wait_for
from tests.journey.sites import LOGIN_PAGE, Answer, Site, Story, atom, bomb, json_feed, redirect, rss, site

SHARED = Path(os.environ.get("KLANKBORD_SHARED") or Path(__file__).resolve().parents[3] / "shared")
TOKEN = "token-of-alice-0123456789"
_CLIENT = httpx.Client(timeout=60, trust_env=False)
_ACCOUNTS = "".join(
    f'[[seed.accounts]]\nusername = "{name}"\naccess_token = "{token}"\n'
    for name, token in (("alice", TOKEN), ("bob", "bob_token"), ("carol", "carol_token"))
)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Street:
    """Publishes in rounds. `expected` holds the ids of what must be stored, by source."""

    site: Site
    mastodon: str
    forum: Forum
    drop: Path
    expected: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    news: list[Story] = field(default_factory=list)
    rounds: int = 0

    def open(self) -> None:
        """What stands there from the beginning, good and bad."""
        pages, start = self.site.pages, now() - timedelta(hours=3)
        for number, (body, ids) in enumerate(self._world()):
            pages[f"/world/{number}"] = body
            self.expected["world"] |= ids
        shut = [Story(f"shut-{n}", f"Abonnee {n}", "Lumerik in de krant", start) for n in range(3)]
        fast = [Story(f"fast-{n}", f"Kort {n}", "Lumerik kort", start + timedelta(minutes=n)) for n in range(10)]
        pages |= {"/shut": rss(shut), "/fast": atom(fast), "/bomb": bomb()}
        pages["/metadata"] = redirect("http://169.254.169.254/latest/meta-data/iam/")
        self.expected["shut"] = {one.id for one in shut}
        self.expected["fast"] = {one.id for one in fast}

    def turn(self) -> None:
        """What changes: a story is edited, a feed asks to sign in, one shows only what came after fifty unseen ones."""
        self.news[0] = replace(self.news[0], title="Nieuws, verbeterd", text="Lumerik, nu met de goede cijfers.")
        self.site.pages["/shut"] = Answer(LOGIN_PAGE, "text/html")
        fast = [Story(f"fast-{n}", f"Kort {n}", "Lumerik kort", now()) for n in range(60, 70)]
        self.site.pages["/fast"] = atom(fast)
        self.expected["fast"] |= {one.id for one in fast}

    def publish(self) -> None:
        """One round of everything that grows."""
        self.rounds += 1
        for number in range(9):
            name = f"n{self.rounds}-{number}"
            self.news.append(Story(name, f"Nieuws {name}", f"Lumerik was vandaag in het nieuws, deel {name}.", now()))
        for path, render, offset in (("/rss", rss, 0), ("/atom", atom, 1), ("/json", json_feed, 2)):
            self.site.pages[path] = render(self.news[offset::3])
        self.expected["news"] |= {one.id for one in self.news}
        self._toots()
        self.expected["forum"] |= self.forum.say(self.rounds)
        self._drop()

    def _toots(self) -> None:
        for number in range(4):
            who = ("bob", "carol")[number % 2]
            to = "@alice " if number < 2 else ""
            text = f"{to}Lumerik ligt er weer uit in straat {self.rounds}-{number} #storing"
            self.expected["social"].add(self.toot(who, text))
        self.toot("bob", f"#storing bij de buren, ronde {self.rounds}: niets met ons te maken")

    def toot(self, who: str, text: str) -> str:
        """Post on the Mastodon server; gives the post's uri."""
        return str(toot(self.mastodon, who, text)["uri"])

    def _drop(self) -> None:
        rows = [
            {
                "id": f"mail-{self.rounds}-{n}",
                "datum": now().isoformat(),
                "auteur": f"Klant {n}",
                "tekst": f"Lumerik {n}?",
            }
            for n in range(6)
        ]
        lines = [orjson.dumps(row) for row in rows]
        if self.rounds == 2:
            lines.insert(3, b'{"id": "mail-poison", "tekst": "half a li')
        aside = self.drop / f"mail-{self.rounds:02}.part"
        aside.write_bytes(b"\n".join(lines) + b"\n")
        aside.rename(aside.with_suffix(".jsonl"))
        self.expected["mail"] |= {row["id"] for row in rows}

    def _world(self) -> Iterator[tuple[Answer, set[str]]]:
        """Real feeds of several formats with the ids two independent parsers agree on, or one of our own."""
        listed = SHARED / "feeds" / "core_expected.json"
        if not listed.is_file():
            story = Story("w1", "Lumerik abroad", "Lumerik", now() - timedelta(days=1))
            yield rss([story]), {story.id}
            return
        facts: dict[str, Any] = json.loads(listed.read_text("utf-8"))
        for family in ("rss2", "rss1", "rss0", "atom"):
            chosen = sorted(name for name, fact in facts.items() if _clear(fact, family))
            for name in chosen[:2]:
                body = (SHARED / "feeds" / "core" / name).read_bytes()
                yield Answer(body), {entry["id"] for entry in facts[name]["entries"]}


def _clear(fact: dict[str, Any], family: str) -> bool:
    """Whether every entry has an agreed id of its own, and the feed is of a family and of a handy size."""
    ids = [entry.get("id") for entry in fact.get("entries") or ()]
    handy = 5 <= len(ids) <= 40 and fact["bytes"] < 80_000 and fact["fp_entries"] == len(ids)
    return handy and all(ids) and len(set(ids)) == len(ids) and str(fact["fp_version"]).startswith(family)


class Forum:
    """The example's forum server with people who talk now; its address stays while its world grows."""

    def __init__(self) -> None:
        self._said: list[Utterance] = []
        self._app = make_app(World(now(), ()), now)
        self.url = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    def say(self, round_number: int) -> set[str]:
        """A new topic, and an answer to the first one; gives the ids of the posts."""
        who = Persona(round_number, f"Bewoner {round_number}", f"bewoner{round_number}", 0)
        topic = self._add(who, f"Lumerik lader toont fout {round_number}", None, f"Fout {round_number}")
        first = self._said[0]
        for number in range(2):
            self._add(
                who, f"Hier ook, ronde {round_number}-{number}, Lumerik weet ervan", first if number else topic, None
            )
        self._app = make_app(World(now(), tuple(self._said)), now)
        return {str(number) for number in range(1, len(self._said) + 1)}

    def _add(self, who: Persona, text: str, parent: Utterance | None, title: str | None) -> Utterance:
        number = len(self._said) + 1
        said = Utterance(
            number, Channel.FORUM, now(), who, "nl", "app", text, title,
            thread=parent.thread if parent else number, parent=parent.number if parent else None,
        )  # fmt: skip
        self._said.append(said)
        return said


@contextmanager
def _served(forum: Forum) -> Iterator[None]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        forum.url = f"http://127.0.0.1:{listening.getsockname()[1]}/forum"
        server = uvicorn.Server(uvicorn.Config(forum, log_level="error", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join(timeout=30)


def toot(mastodon: str, who: str, text: str) -> dict[str, Any]:
    """Post on a Mastodon server; gives the post."""
    answer = _CLIENT.post(
        f"{mastodon}/api/v1/statuses", json={"status": text}, headers={"Authorization": f"Bearer {who}_token"}
    )
    answer.raise_for_status()
    said: dict[str, Any] = answer.json()
    return said


def answers_to(mastodon: str, status: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands under a post of a Mastodon server."""
    url = f"{mastodon}/api/v1/statuses/{status['id']}/context"
    found: list[dict[str, Any]] = _CLIENT.get(url, headers={"Authorization": f"Bearer {TOKEN}"}).json()["descendants"]
    return found


@contextmanager
def mastodon_server(folder: Path) -> Iterator[str]:
    """A process of the stateful Mastodon-API server, with three accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    config, log, port = folder / "mastodon.toml", folder / "mastodon.log", free_port()
    config.write_text(_ACCOUNTS, "utf-8")
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory", "--config", str(config)]
    with log.open("wb") as out:
        child = subprocess.Popen(
            [*command, "--port", str(port), "--log-level", "warning"], cwd=folder, stdout=out, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert child.poll() is None, log.read_text("utf-8")
        try:
            return _CLIENT.get(f"{url}/api/v2/instance").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(answers, "the Mastodon server starts")
        yield url
    finally:
        child.terminate()
        child.wait(30)


@contextmanager
def street(folder: Path) -> Iterator[Street]:
    """Everything around Klankbord, served until the end of the block."""
    forum, drop = Forum(), folder / "drop"
    drop.mkdir(parents=True)
    with site() as served, mastodon_server(folder / "mastodon") as mastodon, _served(forum):
        made = Street(served, mastodon, forum, drop)
        made.open()
        yield made
