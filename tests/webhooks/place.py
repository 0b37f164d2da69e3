"""A house with a platform on one side and its webhook on the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from connectors.meta.webhooks import MetaSigning
from pipeline.settings import SourceSettings
from pipeline.told import Deliveries
from store.engine import Store
from store.schedule import lease_source, release
from store.schema import intake, source_schedule
from tests.conftest import Clock
from tests.connectors.facebook_page import PAGE
from tests.connectors.instagram_account import ACCOUNT
from tests.connectors.meta_server import GraphServer
from tests.pipeline.bench import kept
from tests.replying.house import House
from tests.webhooks.street import SECRET, TOKEN, listening, push, told_of


@dataclass
class Place:
    """A house with a platform on one side, and its webhook on the other."""

    house: House
    url: str
    platform: Any
    reader: Deliveries

    async def push(self, told: Any) -> None:
        """The platform pushes, and the worker reads it."""
        assert push(self.url, told).status_code == 200
        await self.read()

    async def read(self) -> int:
        taken = await self.reader.tick()
        await self.reader.settled()
        self.house.route()
        return taken

    def texts(self) -> dict[str, str]:
        return {row.external_id: row.text for row in kept(self.house.store) if row.deleted_at is None}

    def rows(self) -> dict[str, Any]:
        return {row.external_id: row for row in kept(self.house.store)}

    def outcomes(self) -> list[str]:
        with self.house.store.read() as conn:
            return [row.outcome for row in conn.execute(select(intake).order_by(intake.c.id))]

    def due_at(self) -> Any:
        with self.house.store.read() as conn:
            return conn.execute(select(source_schedule.c.due_at)).scalar_one()

    def polled(self) -> None:
        """As after a run that went well: the next one is five minutes away."""
        now, source = self.house.clock(), self.house.source.id
        lease = lease_source(self.house.store, source, owner="w", now=now, lease=self.house.clock() - now)
        assert lease is not None
        later = now.replace(minute=(now.minute + 5) % 60)
        release(self.house.store, lease, due_at=later, pace_s=300, failures=0)


def opened(store: Store, clock: Clock, platform: GraphServer, source: SourceSettings, url: str) -> Iterator[Place]:
    house = House(store, clock, platform, url=url, source=source)
    hooks = {"meta": MetaSigning([SECRET], TOKEN)}
    with listening(store, clock, hooks) as ours:
        reader = Deliveries(house.collector, [source], {"meta": [source.id]})
        yield Place(house, f"{ours}/meta", platform, reader)
    house.close()


def mention_told(place: Place, medium: str, comment: str | None) -> dict[str, Any]:
    value = {"media_id": medium} if comment is None else {"media_id": medium, "comment_id": comment}
    return told_of("instagram", ACCOUNT, place.house.clock(), ("mentions", value))


def comment_told(place: Place, post: str, comment: str, verb: str = "add", **more: Any) -> dict[str, Any]:
    value = {"item": "comment", "verb": verb, "post_id": post, "comment_id": comment, "parent_id": post, **more}
    return told_of("page", PAGE, place.house.clock(), ("feed", value))
