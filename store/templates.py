"""Ready-made answers, read by owner. Which of them somebody may see or change is not known here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select

from store.schema import template


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template. `owner_id` None: of everybody, or of `team_id`."""

    id: int
    name: str
    text: str
    lang: str | None
    team_id: str | None
    owner_id: int | None
    created_by: int
    updated_at: datetime
    archived_at: datetime | None
    n_used: int
    used_at: datetime | None


_COLUMNS = [template.c[field.name] for field in fields(TemplateRow)]


def of_owner(conn: Connection, owner_id: int | None) -> list[TemplateRow]:
    """The templates of one person, or with None those of everybody; in no order. Served by ix_template_owner."""
    query = select(*_COLUMNS).where(template.c.owner_id == owner_id)
    return [TemplateRow(*row) for row in conn.execute(query)]


def by_id(conn: Connection, template_id: int, *, lock: bool = False) -> TemplateRow | None:
    """One template (primary key); None when there is none. `lock` holds it until the transaction ends."""
    query = select(*_COLUMNS).where(template.c.id == template_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else TemplateRow(*row)


def count_use(conn: Connection, template_id: int, *, now: datetime) -> None:
    """One more answer began with it."""
    conn.execute(
        template.update().where(template.c.id == template_id).values(n_used=template.c.n_used + 1, used_at=now)
    )
