"""Which conversations are kept from somebody who lacks a skill, as a condition of the queue."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_

from store.filters import HasBrand, Residual, tagged
from store.ordering import DueKey
from store.schema import conversation
from store.types import Instant


@dataclass(frozen=True, slots=True)
class KeptBack:
    """Skills (`lang:de`, `platform:x`, `tag:y`, `brand:z`) whose work is kept back from somebody.

    Attributes:
        always: kept back until it is overdue.
        a_while: kept back until it waits since `waits_before`, or is overdue.
        now: decides what is overdue.
    """

    always: frozenset[str]
    a_while: frozenset[str]
    waits_before: datetime
    now: datetime


def offered(kept: KeptBack) -> ColumnElement[bool]:
    """Whether a conversation may be offered all the same."""
    c = conversation.c
    waits: ColumnElement[datetime] = func.coalesce(c.unanswered_since, c.sort_at, type_=Instant())
    return or_(
        DueKey(c.sla_due_at) < kept.now,
        and_(
            not_(_wants(kept.always)),
            or_(not_(_wants(kept.a_while)), waits <= literal(kept.waits_before, Instant())),
        ),
    )


def _wants(skills: Collection[str]) -> ColumnElement[bool]:
    """Whether a conversation takes one of these skills."""
    by_kind: dict[str, list[str]] = {}
    for skill in sorted(skills):
        kind, _colon, value = skill.partition(":")
        by_kind.setdefault(kind, []).append(value)
    c = conversation.c
    found: list[ColumnElement[bool]] = []
    if "lang" in by_kind:
        found.append(Residual.of(c.lang).in_(by_kind["lang"]))
    if "platform" in by_kind:
        found.append(Residual.of(c.platform).in_(by_kind["platform"]))
    if "tag" in by_kind:
        found.append(tagged(tuple(by_kind["tag"])))
    found += [HasBrand(c.brand_ids, literal(orjson.dumps(brand).decode())) for brand in by_kind.get("brand", ())]
    return or_(*found) if found else false()
