"""Alert rules, who is told, and what fired: rows in and out. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from store.schema import alert, alert_receiver, alert_rule


@dataclass(frozen=True, slots=True)
class RuleRow:
    """An alert rule as it is kept; see `store.tables.alerting.AlertRule`."""

    id: int
    name: str
    brand_id: str
    source_ids: tuple[str, ...]
    sentiments: tuple[str, ...]
    theme_id: int | None
    query: str
    by_what: str
    value: float
    window_h: int
    minimum: int
    cool_down_h: int
    during: str
    team_id: str | None
    receivers: tuple[int, ...]
    active: bool
    version: int
    fired_hour: datetime | None
    checked_at: datetime | None
    trouble: str
    counted_since: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceiverRow:
    """Who is told; `sealed` holds an address that is a secret."""

    id: int
    name: str
    kind: str
    shown: str
    sealed: bytes | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A window that fired; see `store.tables.alerting.Alert`."""

    id: int
    rule_id: int
    hour: datetime
    window_h: int
    n: int
    at_least: int
    expected: float | None
    sd: float | None
    n_earlier: int
    basis: str | None
    fired_at: datetime
    explanation: Mapping[str, Any]
    verdict: str | None
    seen_at: datetime | None


def rules(conn: Connection, *, archived: bool = False) -> list[RuleRow]:
    """All rules by name, those out of use instead with `archived`; as many as people made."""
    c = alert_rule.c
    out_of_use = c.archived_at.is_not(None) if archived else c.archived_at.is_(None)
    return [_rule(row) for row in conn.execute(_RULES.where(out_of_use).order_by(func.lower(c.name), c.id))]


def rule(conn: Connection, rule_id: int, *, lock: bool = False) -> RuleRow | None:
    """One rule (primary key); with `lock` nobody else changes or fires it until the transaction ends."""
    wanted = _RULES.where(alert_rule.c.id == rule_id)
    row = conn.execute(wanted.with_for_update() if lock else wanted).first()
    return None if row is None else _rule(row)


def insert_rule(conn: Connection, values: Mapping[str, Any]) -> None:
    """Keep a new rule inside the caller's transaction."""
    conn.execute(alert_rule.insert().values(**values))


def change_rule(conn: Connection, rule_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of a rule inside the caller's transaction (primary key)."""
    conn.execute(alert_rule.update().where(alert_rule.c.id == rule_id).values(**values))


def receivers(conn: Connection, ids: Collection[int] | None = None) -> list[ReceiverRow]:
    """Receivers in use by name, or those with these ids, in use or not."""
    c = alert_receiver.c
    wanted = select(*(c[name] for name in ReceiverRow.__slots__)).order_by(func.lower(c.name), c.id)
    wanted = wanted.where(c.archived_at.is_(None)) if ids is None else wanted.where(c.id.in_(list(ids)))
    return [ReceiverRow(*row) for row in conn.execute(wanted)]


def receiver(conn: Connection, receiver_id: int) -> ReceiverRow | None:
    """One receiver (primary key)."""
    return next(iter(receivers(conn, (receiver_id,))), None)


def insert_receiver(conn: Connection, values: Mapping[str, Any]) -> None:
    """Keep a new receiver inside the caller's transaction."""
    conn.execute(alert_receiver.insert().values(**values))


def end_receiver(conn: Connection, receiver_id: int, *, at: datetime) -> None:
    """Take a receiver out of use; its address is forgotten."""
    gone = {"archived_at": at, "sealed": None}
    conn.execute(alert_receiver.update().where(alert_receiver.c.id == receiver_id).values(**gone))


def insert_alert(conn: Connection, values: Mapping[str, Any]) -> None:
    """Keep what fired inside the caller's transaction; (rule, hour) is unique."""
    conn.execute(alert.insert().values(**values))


def change_alert(conn: Connection, alert_id: int, values: Mapping[str, Any]) -> None:
    """Change columns of what fired inside the caller's transaction (primary key)."""
    conn.execute(alert.update().where(alert.c.id == alert_id).values(**values))


def one_alert(conn: Connection, alert_id: int) -> AlertRow | None:
    """What fired, by its id (primary key)."""
    row = conn.execute(_ALERTS.where(alert.c.id == alert_id)).first()
    return None if row is None else AlertRow(*row)


def latest(conn: Connection, *, limit: int, rule_id: int | None = None) -> list[AlertRow]:
    """What fired last, newest first. Served by ix_alert_fired."""
    c = alert.c
    wanted = _ALERTS.order_by(c.fired_at.desc(), c.id.desc()).limit(limit)
    return [AlertRow(*row) for row in conn.execute(wanted if rule_id is None else wanted.where(c.rule_id == rule_id))]


def since(conn: Connection, at: datetime) -> list[AlertRow]:
    """What fired since an instant, newest first. Served by ix_alert_fired."""
    wanted = _ALERTS.where(alert.c.fired_at >= at).order_by(alert.c.fired_at.desc(), alert.c.id.desc())
    return [AlertRow(*row) for row in conn.execute(wanted)]


def verdicts(conn: Connection) -> dict[int, tuple[int, int, int]]:
    """Per rule how often it fired, and how often people said that it was real, and that it was not."""
    c = alert.c
    counted = select(
        c.rule_id,
        func.count(),
        func.count().filter(c.verdict == "real"),
        func.count().filter(c.verdict == "false"),
    ).group_by(c.rule_id)
    return {row[0]: (row[1], row[2], row[3]) for row in conn.execute(counted)}


def forget_words(conn: Connection, needles: Sequence[str]) -> int:
    """Take words out of rules and explanations that hold one of these lower-case needles; how many rows."""
    n = 0
    for row in conn.execute(select(alert_rule.c.id, alert_rule.c.name, alert_rule.c.query)).all():
        bare: dict[str, Any] = {"name": f"#{row.id}"} if _names(row.name, needles) else {}
        if _names(row.query, needles):
            bare |= {"query": "", "active": False, "counted_since": None}
        if bare:
            change_rule(conn, row.id, {**bare, "version": alert_rule.c.version + 1})
            n += 1
    for found in conn.execute(select(alert.c.id, alert.c.explanation)).all():
        told = found.explanation or {}
        left = [one for one in told.get("drivers", ()) if not _names(str(one.get("key", "")), needles)]
        if len(left) < len(told.get("drivers", ())):
            change_alert(conn, found.id, {"explanation": {**told, "drivers": left}})
            n += 1
    return n


def _names(text: str, needles: Sequence[str]) -> bool:
    return any(needle in text.lower() for needle in needles)


_RULES = select(*(alert_rule.c[name] for name in RuleRow.__slots__))
_ALERTS = select(*(alert.c[name] for name in AlertRow.__slots__))
_LISTS = ("source_ids", "sentiments", "receivers")


def _rule(row: Row[Any]) -> RuleRow:
    told = dict(row._mapping)  # noqa: SLF001 - the documented way to a row by names
    return RuleRow(**{**told, **{name: tuple(told[name] or ()) for name in _LISTS}})
