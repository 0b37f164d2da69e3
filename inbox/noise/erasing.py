"""Noise rules about somebody who is erased, or asks what is kept of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from inbox.desk import Desk
from inbox.noise.index import Kind, account_value, folded_handle
from store import noise
from store.forgetting import Subject


def about(conn: Connection, subject: Subject) -> list[Row[Any]]:
    """Rules that name one of somebody's accounts, by its id or by its handle."""
    found: dict[int, Row[Any]] = {}
    for one in subject.accounts:
        platform, account = one.key
        for value in (account_value(account), folded_handle(one.handle or "")):
            for row in noise.same_rule(conn, Kind.AUTHOR, value) if value else ():
                if row.platform in {None, platform}:
                    found[row.id] = row
    return list(found.values())


def forget(desk: Desk, conn: Connection, subject: Subject) -> int:
    """End the rules about somebody, and empty them; how many. What they set aside is erased with its messages.

    The tombstone of an account keeps what was said before from coming back; who objected never comes back at all.
    """
    return noise.forget_rules(conn, [row.id for row in about(conn, subject)], at=desk.clock())
