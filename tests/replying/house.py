"""A small house around one platform: a store, the collector, the inbox, and a worker that sends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from connectors.contract import Connector, Options
from inbox import people, sessions
from inbox.clockwork import tick
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.replying.settle import Settling
from inbox.replying.views import OutboxView
from inbox.service import Inbox
from inbox.settings import InboxSettings, SlaSettings, TeamSettings
from inbox.views import Done
from klankbord.outside import connector_of
from pipeline.deliver import Deliverer, DeliverSettings
from pipeline.fetch import Fetcher
from pipeline.http import PoliteClient
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from store.engine import Store, utc_now
from store.schema import conversation, event, mention, outbox
from store.sources import SourceRecord, sync_sources
from tests.conftest import Clock
from tests.connectors.bluesky_network import Network
from tests.pipeline.bench import client, collector
from tests.replying.platforms import Forum, Wire
from tests.replying.press import Press, press_of

SETTINGS = InboxSettings(
    timezone="Europe/Amsterdam",
    teams=(TeamSettings(id="webcare", hours="24/7", sla=SlaSettings(first_response="1h", resolution="24h")),),
)
QUESTION = "De app doet het niet #acme"
ANSWER = "Wij kijken ernaar en komen er vandaag op terug"


def source_for(kind: str, url: str) -> SourceSettings:
    """The configuration of a platform of these tests; `mock` is an instance where alice's token is ours."""
    if kind == "press":
        return SourceSettings(id="press", connector="press", match="all", options={"url": url})
    if kind == "forum":
        options: dict[str, Any] = {"url": url, "api_key": "sleutel", "api_username": "webcare"}
        return SourceSettings(id="forum", connector="discourse", match="all", options=options)
    if kind == "bluesky":
        options = {"handle": "acme.example", "app_password": "geheim", "service": url, "appview": url}
        return SourceSettings(id="bluesky", connector="bluesky", match="all", options=options)
    token = "alice_token" if kind == "mock" else "sleutel"
    options = {"instances": [{"url": url, "token": token, "hashtags": ["acme"], "notifications": kind == "mock"}]}
    return SourceSettings(id="social", connector="mastodon", match="all", options=options)


def maker_of(connector: str) -> Callable[[SourceSettings], Connector[Options]]:
    """What makes the connectors of these tests."""
    return press_of if connector == "press" else connector_of


class RealTime(Clock):
    """The wall clock, for tests with other processes; steps do nothing."""

    def __call__(self) -> datetime:
        return utc_now()

    def step(self, delta: timedelta | None = None, **parts: float) -> datetime:  # noqa: ARG002
        return utc_now()


class House:
    """Everything of one workspace. `restart` is what a new worker process would be."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        server: Any,
        *,
        url: str = "",
        kind: str = "instance",
        source: SourceSettings | None = None,
    ) -> None:
        self.store, self.clock, self.server = store, clock, server
        self.desk = Desk(store, SETTINGS, clock)
        self.inbox = Inbox(store, SETTINGS, clock=clock)
        self.settling = Settling(self.desk)
        kind = {Forum: "forum", Press: "press", Network: "bluesky"}.get(type(server), kind)
        self.source = source or source_for(kind, url or "http://127.0.0.1")
        self._wire: httpx.AsyncBaseTransport | None = None if url else Wire(server)
        self.ledger = Ledger(store)
        sync_sources(
            store,
            [SourceRecord(self.source.id, self.source.connector, self.source.connector, "Bron", 300, 172_800)],
            clock(),
        )
        self._agents = 0
        self.restart()

    def restart(self, *, settle: Any = None, make: Any = None) -> None:
        """A worker without a memory."""
        self.collector = collector(
            self.ledger,
            self.clock,
            connector=make or maker_of(self.source.connector),
            fetcher=Fetcher(self.http()),
        )
        self.deliverer = Deliverer(
            self.collector, [self.source], settle or self.settling, settings=DeliverSettings(lease=timedelta(minutes=3))
        )

    def http(self) -> PoliteClient:
        """The client of a new worker."""
        return client(self.clock, self._wire)

    def agent(self, role: Role = Role.AGENT) -> str:
        """A session of somebody new."""
        self._agents += 1
        made = people.add(
            self.desk, login=f"a{self._agents}", name=f"Agent {self._agents}", role=role, team_id="webcare"
        )
        return sessions.start_for(self.desk, made.user.id).token

    async def collect(self) -> None:
        """Read the platform, and route."""
        await self.collector.collect(self.source)
        self.route()

    def route(self) -> None:
        tick(self.store, SETTINGS, self.clock())

    async def question(self, text: str = QUESTION) -> int:
        """A customer asks, it comes in; the conversation's id."""
        self.server.ask(text)
        self.clock.step(minutes=1)
        await self.collect()
        with self.store.read() as conn:
            return int(conn.execute(select(conversation.c.id).order_by(conversation.c.id.desc()).limit(1)).scalar_one())

    def send(self, token: str, number: int, text: str = ANSWER, **more: Any) -> Done:
        version = more.pop("version", self.row(number).version)
        return self.inbox.replies.send(token, number, text=text, version=version, **more)

    def hurry(self) -> None:
        """Let the ten seconds be over."""
        with self.store.write() as conn:
            conn.execute(outbox.update().values(not_before=self.clock()))

    async def work(self) -> int:
        """One tick of the worker, to the end of what it starts."""
        started = await self.deliverer.tick()
        await self.deliverer.settled()
        return started

    async def until_quiet(self, *, most: int = 400) -> None:
        """Let time pass and the worker work until nothing is on its way."""
        for _ in range(most):
            self.clock.step(seconds=15)
            await self.work()
            self.route()
            with self.store.read() as conn:
                states = set(conn.execute(select(outbox.c.state)).scalars())
            if not states & {"queued", "sending", "unknown"}:
                return

    def row(self, number: int) -> Any:
        with self.store.read() as conn:
            return conn.execute(select(conversation).where(conversation.c.id == number)).one()

    def events(self, number: int) -> list[Any]:
        with self.store.read() as conn:
            wanted = (event.c.object_type == "conversation", event.c.object_id == str(number))
            return list(conn.execute(select(event).where(*wanted).order_by(event.c.id)))

    def actions(self, number: int) -> list[str]:
        return [one.action for one in self.events(number)]

    def answers(self, number: int) -> list[Any]:
        """The events that count as an answer."""
        counted = {"answered", "answered_by_hand", "reply_sent"}
        return [one for one in self.events(number) if one.action in counted]

    def standing(self) -> list[Any]:
        """What stands on the platform in our name."""
        return list(self.server.ours())

    def own(self) -> list[Any]:
        """Our own posts in the store."""
        with self.store.read() as conn:
            return list(conn.execute(select(mention).where(mention.c.direction == "outbound").order_by(mention.c.id)))

    def state_of(self, outbox_id: int) -> str:
        """How a wish stands."""
        with self.store.read() as conn:
            return str(conn.execute(select(outbox.c.state).where(outbox.c.id == outbox_id)).scalar_one())

    def of(self, token: str, number: int) -> OutboxView:
        (view,) = self.inbox.replies.of(token, number)
        return view

    def close(self) -> None:
        self.ledger.close()
