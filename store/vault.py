"""Where the logins of connected accounts are kept: encrypted, and renewed by compare-and-swap.

What a renewal brings is committed before anything is done with it, so that a token which replaced the old one is never
only in memory. Knows no platform: a login is a mapping from names to texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, or_, select
from sqlalchemy.exc import IntegrityError

from store.engine import Store
from store.errors import SealBrokenError
from store.schema import login, query_state, source_schedule
from store.secrecy import Secrecy

PURPOSE = "login"


@dataclass(frozen=True, slots=True)
class Kept:
    """The login of one source. Instants aware UTC.

    Attributes:
        account: whose it is, for people; "" for one that came from the options.
        version: grows with each change.
        ends_at: when it runs out; None when unknown.
        connected_at: when a person connected the account.
        renewed_at: when it was last renewed without one.
        values: the secrets; None when nothing is kept yet, or in a list.
    """

    source_id: str
    connector: str
    account: str
    version: int
    ends_at: datetime | None
    connected_at: datetime | None
    renewed_at: datetime | None
    values: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def since(self) -> datetime | None:
        """When it became what it is."""
        return self.renewed_at or self.connected_at


class Vault:
    """Keeps logins. Safe to share between threads.

    Args:
        store: where the rows are.
        secrecy: seals them; the key is needed only where there is a login.
    """

    def __init__(self, store: Store, secrecy: Secrecy) -> None:
        self._store = store
        self._secrecy = secrecy

    def version(self, source_id: str) -> int | None:
        """Of the kept login; None without one. Asked before every run, so nothing is decrypted (primary key)."""
        with self._store.read() as conn:
            found = conn.execute(select(login.c.version).where(login.c.source_id == source_id)).scalar()
        return None if found is None else int(found)

    def read(self, source_id: str, now: datetime) -> Kept | None:
        """The login of a source (primary key).

        Raises:
            SealBrokenError: it was encrypted with another key.
            KeyUnusableError: the key cannot be used.
        """
        with self._store.read() as conn:
            row = _row(conn, source_id)
        return None if row is None else _kept(row, self._opened(row, now))

    def listed(self) -> list[Kept]:
        """All of them without their secrets, by source; as many as there are sources."""
        with self._store.read() as conn:
            rows = conn.execute(select(login).where(login.c.version > 0).order_by(login.c.source_id)).all()
        return [_kept(row, None) for row in rows]

    def check(self, now: datetime) -> None:
        """Whether something can be kept; asked before a person is sent to a platform. Makes the key at first use.

        Raises:
            KeyUnusableError: the key cannot be used.
        """
        self._sealed("", {}, now)

    def connect(
        self,
        source_id: str,
        *,
        connector: str,
        account: str,
        values: Mapping[str, str],
        ends_at: datetime | None,
        now: datetime,
    ) -> None:
        """Keep what a person connected, in place of what was there; the source is asked again at once.

        Raises:
            KeyUnusableError: the key cannot be used.
        """
        new = {
            "connector": connector,
            "account": account,
            "sealed": self._sealed(source_id, values, now),
            "ends_at": ends_at,
            "connected_at": now,
            "renewed_at": None,
            "claimed_by": None,
            "claimed_until": None,
        }
        with self._store.write() as conn:
            row = _row(conn, source_id)
            if row is None:
                conn.execute(login.insert().values(source_id=source_id, version=1, **new))
            else:
                same = login.c.source_id == source_id
                conn.execute(login.update().where(same).values(version=row.version + 1, **new))
            _ask_again(conn, source_id, now)

    def claim(self, source_id: str, *, connector: str, version: int, by: str, now: datetime, until: datetime) -> bool:
        """Become the one who renews a login of this version; False when somebody else is, or has.

        Args:
            source_id: whose.
            connector: of the source, for a login that is still to be had from the options (version 0).
            version: as it was read; 0 for none.
            by: names this renewal.
            now: aware UTC.
            until: when the claim ends by itself, because its holder died.

        Raises:
            KeyUnusableError: what the renewal brings could not be kept.
        """
        self._sealed(source_id, {}, now)
        held = {"claimed_by": by, "claimed_until": until}
        free = or_(login.c.claimed_until.is_(None), login.c.claimed_until <= now)
        wanted = and_(login.c.source_id == source_id, login.c.version == version, free)
        try:
            with self._store.write() as conn:
                if version == 0 and _row(conn, source_id) is None:
                    none = {"source_id": source_id, "connector": connector, "account": "", "version": 0}
                    conn.execute(login.insert().values(**none, **held))
                    return True
                return conn.execute(login.update().where(wanted).values(**held)).rowcount == 1
        except IntegrityError:  # another process made the row in the same moment
            return False

    def release(self, source_id: str, *, by: str) -> None:
        """Give up a claim whose renewal failed."""
        mine = and_(login.c.source_id == source_id, login.c.claimed_by == by)
        with self._store.write() as conn:
            conn.execute(login.update().where(mine).values(claimed_by=None, claimed_until=None))

    def swap(
        self, source_id: str, *, version: int, values: Mapping[str, str], ends_at: datetime | None, now: datetime
    ) -> bool:
        """Keep a changed login in place of the one with this version, which ends any claim on that one.

        Returns:
            False when another process changed it meanwhile, or it was forgotten: nothing is changed then.

        Raises:
            KeyUnusableError: the key cannot be used.
        """
        new = {"sealed": self._sealed(source_id, values, now), "version": version + 1, "ends_at": ends_at}
        new |= {"renewed_at": now, "claimed_by": None, "claimed_until": None}
        same = and_(login.c.source_id == source_id, login.c.version == version)
        with self._store.write() as conn:
            return conn.execute(login.update().where(same).values(**new)).rowcount == 1

    def forget(self, source_id: str) -> bool:
        """Remove a login; False when there was none."""
        with self._store.write() as conn:
            return conn.execute(login.delete().where(login.c.source_id == source_id)).rowcount == 1

    def _sealed(self, source_id: str, values: Mapping[str, str], now: datetime) -> bytes:
        plain = orjson.dumps({"source": source_id, "login": dict(values)})
        return self._secrecy.seal(plain, PURPOSE, now=now)

    def _opened(self, row: Row[Any], now: datetime) -> Mapping[str, str] | None:
        if row.sealed is None:
            return None
        plain = orjson.loads(self._secrecy.unseal(bytes(row.sealed), PURPOSE, now=now))
        if plain["source"] != row.source_id:  # moved here from another row
            raise SealBrokenError
        return {str(name): str(value) for name, value in plain["login"].items()}


def _row(conn: Connection, source_id: str) -> Row[Any] | None:
    return conn.execute(select(login).where(login.c.source_id == source_id)).first()


def _kept(row: Row[Any], values: Mapping[str, str] | None) -> Kept:
    return Kept(
        source_id=row.source_id,
        connector=row.connector,
        account=row.account,
        version=row.version,
        ends_at=row.ends_at,
        connected_at=row.connected_at,
        renewed_at=row.renewed_at,
        values=values,
    )


def _ask_again(conn: Connection, source_id: str, now: datetime) -> None:
    """What waited for this login is due."""
    stopped = and_(query_state.c.source_id == source_id, query_state.c.error_class == "AuthDead")
    conn.execute(query_state.update().where(stopped).values(not_before=None))
    of_source = source_schedule.c.source_id == source_id
    conn.execute(source_schedule.update().where(of_source).values(due_at=now, failures=0))
