"""A world with weeks of messages behind it, and ways to plant a spike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox.alerts import watching
from inbox.alerts.views import By, Condition, RuleDraft, Scope
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.secrecy import Secrecy
from inbox.service import Inbox
from inbox.views import CurrentUser
from store.engine import Store
from store.rollups import rebuild_rollups
from store.schema import brand, conversation, mention, mention_brand, source
from tests.inbox.conftest import SETTINGS, World

HOUR = timedelta(hours=1)
SECRET = "a key of more than thirty-two characters, for tests"
CAN_MAIL = SETTINGS.model_copy(update={"can_mail": True, "base_url": "https://webcare.example"})
OVER_20 = Condition(By.COUNT, 20, window_h=1, minimum=1, cool_down_h=6)


@dataclass(frozen=True)
class Watch:
    """A world with somebody who leads it and makes rules."""

    world: World
    desk: Desk
    inbox: Inbox
    lead: CurrentUser

    @property
    def token(self) -> str:
        """A fresh session of the lead."""
        return self.world.token(self.lead)

    def plant(self, hour: datetime, texts: Iterable[str], *, counted: bool = True, **values: Any) -> list[int]:
        """Messages of an hour, each of a conversation and an account of its own; the roll-ups follow when counted."""
        store, now = self.world.store, self.world.clock()
        made = [(store.new_id(), store.new_id(), text) for text in texts]
        brand_id = values.pop("brand_id", None)
        said = {"source_id": "forum", "sentiment": None, "visibility": "public", "direction": "inbound", **values}
        talks, rows = [], []
        for place, (row_id, talk_id, text) in enumerate(made):
            at = hour + timedelta(seconds=place)
            talk = {"id": talk_id, "key": f"test\n{talk_id}", "source_id": said["source_id"], "platform": "discourse"}
            opened = {"is_open": True, "cycle_started_at": at, "snippet": text[:300], "sort_at": at}
            talks.append({**talk, **opened, "first_inbound_at": at, "first_mention_id": row_id})
            row = {"id": row_id, "platform": "discourse", "namespace": "test", "external_id": str(row_id)}
            times = {"published_at": at, "sort_at": at, "first_seen_at": now, "last_seen_at": now}
            what = {"conversation_id": talk_id, "kind": "post", "text": text, "lang": "nl", "flags": []}
            rows.append({**row, **times, **what, "author_id": row_id, **said})
        with store.write() as conn:
            conn.execute(conversation.insert(), talks)
            conn.execute(mention.insert(), rows)
            if brand_id is not None:
                links = [{"brand_id": brand_id, "mention_id": row_id} for row_id, _talk, _text in made]
                conn.execute(mention_brand.insert(), links)
        if counted:
            rebuild_rollups(store, timezone=SETTINGS.timezone)
        return [row_id for row_id, _talk, _text in made]

    def rule(self, condition: Condition = OVER_20, *, name: str = "Piek", **values: Any) -> int:
        """A rule, made as a lead makes it."""
        scope = values.pop("scope", Scope())
        return self.inbox.alerts.save(self.token, RuleDraft(name, scope, condition, **values))

    def tick(self) -> int:
        """What a worker does every few minutes."""
        return watching.tick(self.world.store, self.desk.declared, self.world.clock())


def secrecy_of_tests() -> Secrecy:
    """Seals with a key of the tests."""
    return Secrecy(lambda: [SECRET])


def sources_and_brands(store: Store) -> None:
    """Two sources and two brands."""
    with store.write() as conn:
        for source_id in ("forum", "reviews"):
            conn.execute(
                source.insert().values(
                    id=source_id,
                    connector="discourse",
                    platform="discourse",
                    name=source_id.title(),
                    every_s=300,
                    archive_after_s=172_800,
                    own=True,
                    enabled=True,
                    health="ok",
                    health_text="",
                )
            )
        for brand_id in ("acme", "other"):
            conn.execute(brand.insert().values(id=brand_id, name=brand_id.title(), competitor=brand_id == "other"))


@pytest.fixture
def watch(world: World) -> Watch:
    """Two sources and two brands; nothing said yet. It is Tuesday 2026-03-10 10:00 UTC."""
    lead = world.person(Role.LEAD)
    sources_and_brands(world.store)
    secrecy = secrecy_of_tests()
    desk = Desk(world.store, CAN_MAIL, world.clock, secrecy=secrecy)
    inbox = Inbox(world.store, CAN_MAIL, clock=world.clock, secrecy=secrecy)
    return Watch(world, desk, inbox, lead)
