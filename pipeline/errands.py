"""One row of the outbox with all that performing it needs: the message that it is about, and who is asked to do it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.contract import Action, ActionKind, Connector, Options
from connectors.items import Visibility
from pipeline.identity import item_namespace
from pipeline.performing import Performing
from pipeline.settings import SourceSettings
from store.schema import author, mention, mention_source


@dataclass(frozen=True, slots=True)
class About:
    """The message that a row is about, as its connector gave it; `gone`: it no longer stands there."""

    external_id: str
    namespace: str
    platform: str
    thread_external_id: str | None
    parent_external_id: str | None
    visibility: str
    author_handle: str | None
    extra: Mapping[str, Any]
    query_id: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """One row with all that performing it needs."""

    row: Row[Any]
    source: SourceSettings
    connector: Connector[Options]
    about: About
    performing: Performing

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that may never be shown."""
        return self.performing.secrets

    @property
    def keeps(self) -> timedelta | None:
        """How long the platform remembers the key of what is wished."""
        return self.connector.keeps_key(self.action(ActionKind(self.row.kind)))

    def action(self, kind: ActionKind) -> Action:
        """What the connector is asked to do."""
        about = self.about
        return Action(
            kind,
            about.external_id,
            self.row.idempotency_key,
            namespace=item_namespace(about.platform, about.namespace),
            thread_external_id=about.thread_external_id,
            author_handle=about.author_handle,
            text=self.row.text if kind is ActionKind.REPLY else None,
            visibility=Visibility(self.row.visibility or about.visibility),
            extra=about.extra,
            newest=kind is ActionKind.FETCH_THREAD and self.row.kind == ActionKind.REPLY,
            at=self.row.tried_at,
        )


def read_about(conn: Connection, row: Row[Any]) -> About | None:
    """The message that a row is about; None when it is not kept any more."""
    found = conn.execute(
        select(mention, author.c.handle)
        .join(author, author.c.id == mention.c.author_id, isouter=True)
        .where(mention.c.id == row.mention_id)
    ).first()
    if found is None:
        return None
    links = mention_source.c
    query = select(links.query_id).where(links.mention_id == row.mention_id, links.source_id == row.source_id)
    return About(
        external_id=found.external_id,
        namespace=found.namespace,
        platform=found.platform,
        thread_external_id=found.thread_external_id,
        parent_external_id=found.parent_external_id,
        visibility=found.visibility,
        author_handle=found.handle,
        extra=dict(found.extra or {}),
        query_id=conn.execute(query.limit(1)).scalar() or "",
        gone=found.deleted_at is not None,
    )
