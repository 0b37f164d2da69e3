"""A desk with a team, people of every role, and conversations put straight into the store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.event import listen, remove

from inbox import people, sessions
from inbox.desk import Desk
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.settings import InboxSettings, SlaSettings, TeamSettings
from inbox.views import CurrentUser
from store.engine import Store, open_store
from store.schema import conversation, event, mention, source
from tests.conftest import Clock, PostgresDatabases

SETTINGS = InboxSettings(
    timezone="Europe/Amsterdam",
    teams=(
        TeamSettings(id="webcare", holidays="NL", sla=SlaSettings(first_response="1h", resolution="24h")),
        TeamSettings(id="night", hours="24/7", sla=SlaSettings(first_response="30m")),
    ),
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """A desk, its facade, and ways to put things in and look at them."""

    desk: Desk
    inbox: Inbox
    clock: Clock

    @property
    def store(self) -> Store:
        return self.desk.store

    def person(self, role: Role = Role.AGENT, *, name: str | None = None, team_id: str | None = None) -> CurrentUser:
        number = next(_numbers)
        made = people.add(
            self.desk,
            login=f"{role.value}{number}",
            name=name or f"{role.value.title()} {number}",
            role=role,
            team_id=team_id,
        )
        return sessions.start_for(self.desk, made.user.id).user

    def token(self, user: CurrentUser) -> str:
        return sessions.start_for(self.desk, user.id).token

    def conversation(
        self, text: str = "Mijn pakket is kwijt", *, routed: bool = True, old: bool = False, **values: Any
    ) -> int:
        """A conversation with one inbound mention, as ingest would have left it (and routing, unless told not)."""
        now = self.clock()
        row_id = self.store.new_id()
        said = values.pop("said_at", now)
        status = values.get("status", "new")
        row = {
            "id": row_id,
            "key": f"test\n{row_id}",
            "source_id": "forum",
            "platform": "discourse",
            "is_open": status not in {"resolved", "ignored", "spam", "archived"},
            "cycle_started_at": said,
            "routing_pending": True,
            "snippet": text[:300],
            "author_name": "Piet",
            "lang": "nl",
            "n_inbound": 0,
            "sort_at": said,
            **values,
        }
        with self.store.write() as conn:
            if conn.execute(select(source.c.id).where(source.c.id == "forum")).first() is None:
                conn.execute(
                    source.insert().values(
                        id="forum",
                        connector="discourse",
                        platform="discourse",
                        name="Own forum",
                        every_s=300,
                        archive_after_s=172_800,
                        own=True,
                        enabled=True,
                        health="ok",
                        health_text="",
                    )
                )
            conn.execute(conversation.insert().values(**row))
        self.message(row_id, text, said_at=said, old=old)
        if routed:
            self.route()
        return row_id

    def message(
        self,
        conversation_id: int,
        text: str,
        *,
        direction: str = "inbound",
        said_at: datetime | None = None,
        old: bool = False,
        lang: str = "nl",
    ) -> int:
        """A mention joins a conversation, as ingest does it."""
        now = self.clock()
        said = said_at or now
        mention_id = self.store.new_id()
        with self.store.write() as conn:
            conn.execute(
                mention.insert().values(
                    id=mention_id,
                    platform="discourse",
                    source_id="forum",
                    namespace="test",
                    external_id=str(mention_id),
                    conversation_id=conversation_id,
                    kind="post",
                    direction=direction,
                    text=text,
                    lang=lang,
                    published_at=said,
                    sort_at=said,
                    first_seen_at=now,
                    last_seen_at=now,
                    flags=["old"] if old else [],
                )
            )
            row = conn.execute(select(conversation).where(conversation.c.id == conversation_id)).one()
            values: dict[str, Any] = {"routing_pending": True, "version": row.version + 1}
            if direction == "inbound":
                values |= {
                    "n_inbound": row.n_inbound + 1,
                    "first_inbound_at": row.first_inbound_at or said,
                    "last_inbound_at": said,
                    "unanswered_since": row.unanswered_since or (None if old else said),
                    "first_mention_id": row.first_mention_id or mention_id,
                    "last_mention_id": mention_id,
                }
            else:
                values |= {"n_outbound": row.n_outbound + 1, "last_outbound_at": said, "unanswered_since": None}
            conn.execute(conversation.update().where(conversation.c.id == conversation_id).values(**values))
        return mention_id

    def route(self) -> int:
        from inbox.route import route_pending

        return route_pending(self.store, self.desk.settings, self.clock())

    def row(self, conversation_id: int) -> Any:
        with self.store.read() as conn:
            return conn.execute(select(conversation).where(conversation.c.id == conversation_id)).one()

    def events(self, conversation_id: int) -> list[Any]:
        with self.store.read() as conn:
            return list(
                conn.execute(
                    select(event)
                    .where(event.c.object_type == "conversation", event.c.object_id == str(conversation_id))
                    .order_by(event.c.id)
                )
            )

    def n_asked(self, work: Callable[[], object]) -> int:
        """How many statements some work asks the store for."""
        seen: list[str] = []

        def hear(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        listen(self.store.engine, "before_cursor_execute", hear)
        work()
        remove(self.store.engine, "before_cursor_execute", hear)
        return len(seen)

    def actions(self, conversation_id: int) -> list[str]:
        return [one.action for one in self.events(conversation_id)]


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_databases: PostgresDatabases) -> str:
    """One database for this folder: making one per test takes seconds on a busy machine."""
    return postgres_databases.migrated()


@pytest.fixture
def store(request: pytest.FixtureRequest, engine_name: str, clock: Clock) -> Iterator[Store]:
    """An empty store on each engine in turn: a fresh file, or the shared database emptied afterwards."""
    if engine_name == "sqlite":
        opened = open_store(request.getfixturevalue("sqlite_databases").migrated(), clock=clock)
        yield opened
        opened.close()
        return
    opened = open_store(request.getfixturevalue("shared_postgres_url"), clock=clock)
    yield opened
    with opened.write() as conn:
        tables = conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        for table in tables:
            if table != "alembic_version":
                conn.execute(text(f'DELETE FROM "{table}"'))  # noqa: S608 - names of our own tables
    opened.close()


@pytest.fixture
def world(store: Store, clock: Clock) -> World:
    """A desk on each engine in turn; its clock is the `clock` fixture, Tuesday 2026-03-10 10:00 UTC (11:00 local)."""
    return World(Desk(store, SETTINGS, clock), Inbox(store, SETTINGS, clock=clock), clock)


@pytest.fixture
def later(clock: Clock) -> Callable[..., datetime]:
    """Move the clock."""
    return lambda **parts: clock.step(timedelta(**parts))
