"""A house around one social source: store, collector, inbox, and a worker that sends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.coverage import OpenGap, open_gaps
from store.engine import Store
from store.schema import conversation, mention, outbox
from store.sources import SourceRecord, sync_sources
from tests.conftest import Clock
from tests.replying.house import ANSWER, House
from tests.replying.platforms import Instance


class Home(House):
    """The house of the answering tests, with another source in it."""

    def __init__(self, store: Store, clock: Clock, connector: str, options: dict[str, Any]) -> None:
        super().__init__(store, clock, Instance(clock), url="http://127.0.0.1")
        self.source = SourceSettings(id=connector, connector=connector, match="all", options=options)
        record = SourceRecord(connector, connector, connector, "Bron", 300, 172_800)
        sync_sources(store, [record], clock())
        self.restart()

    async def read(self) -> RunReport:
        """Collect once, and route."""
        report = await self.collector.collect(self.source, fresh=True)
        self.route()
        return report

    def mentions(self) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(select(mention).order_by(mention.c.id)))

    def mention(self, external_id: str) -> Any:
        (found,) = [each for each in self.mentions() if each.external_id == external_id]
        return found

    def gaps(self, query_id: str) -> list[OpenGap]:
        return open_gaps(self.store, self.source.id, query_id)

    def conversations(self) -> list[int]:
        with self.store.read() as conn:
            return list(conn.execute(select(conversation.c.id).order_by(conversation.c.id)).scalars())

    async def answer(self, external_id: str, text: str = ANSWER) -> tuple[str, int]:
        """Answer a message, and let the worker work once; the session and the conversation."""
        token, number = self.agent(), self.mention(external_id).conversation_id
        self.send(token, number, text=text)
        self.hurry()
        await self.work()
        return token, number

    async def press(self, kind: str, external_id: str, token: str | None = None) -> str:
        """Like, hide or take back a message, and let the worker work once; the state of the wish."""
        one = self.mention(external_id)
        door = self.inbox.replies
        session = token or self.agent()
        wish = {"like": door.like, "hide": door.hide, "delete_own": door.delete_own}[kind]
        done = wish(session, one.id)
        self.hurry()
        await self.work()
        with self.store.read() as conn:
            wanted = outbox.c.id == done.params["outbox_id"]
            return str(conn.execute(select(outbox.c.state).where(wanted)).scalar_one())
