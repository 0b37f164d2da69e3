"""The store of the inbox benches: made once, kept in `build/`, copied for each run so that every run begins alike."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select, update

from benchmarks import corpus
from inbox import sessions
from inbox.desk import Desk
from inbox.settings import InboxSettings
from store import migrate
from store.engine import Store, open_store
from store.schema import conversation

BUILD = Path(__file__).resolve().parents[2] / "build" / "bench"
MENTIONS = 200_000
OPEN = 5_000
_MENTIONS_PER_CONVERSATION = 1.25
CONFIG = """
database: {url}
timezone: Europe/Amsterdam
brands:
{brands}
sources: []
teams:
  - {{id: webcare, name: Webcare, hours: 24/7, sla: {{first_response: 1h, resolution: 24h}}}}
  - {{id: sales, name: Sales, hours: 24/7, sla: {{first_response: 4h}}}}
  - {{id: press, name: Press, hours: 24/7, sla: {{first_response: 4h}}}}
"""


@dataclass(frozen=True, slots=True)
class House:
    """A filled store in a folder of its own, with its configuration and a session for each agent."""

    folder: Path
    config: Path
    tokens: tuple[str, ...]
    mentions: int
    open_conversations: int


@contextmanager
def house(mentions: int, *, agents: int = 1) -> Iterator[House]:
    """A copy of the filled store, thrown away at the end."""
    filled, n_mentions = _filled(mentions)
    with TemporaryDirectory(prefix="klankbord-bench-") as name:
        folder = Path(name)
        shutil.copyfile(filled, folder / "klankbord.db")
        url = f"sqlite:///{folder / 'klankbord.db'}"
        store = open_store(url)
        try:
            _as_of_today(store)
            desk = Desk(store, InboxSettings(timezone="Europe/Amsterdam"))
            tokens = tuple(sessions.start_for(desk, number).token for number in corpus.AGENTS[:agents])
            with store.read() as conn:
                n_open = len(conn.execute(select(conversation.c.id).where(conversation.c.is_open)).all())
        finally:
            store.close()
        config = folder / "config.yaml"
        brands = "\n".join(f"  - {{id: {one}, name: {one.title()}, query: {one}}}" for one in corpus.BRANDS)
        config.write_text(CONFIG.format(url=url, brands=brands), encoding="utf-8")
        yield House(folder, config, tokens, n_mentions, n_open)


def _filled(mentions: int) -> tuple[Path, int]:
    """The file, made when it is not there yet; its name tells what it was made from."""
    made_from = hashlib.sha256(Path(corpus.__file__).read_bytes() + migrate.head().encode() + _SCHEMA).hexdigest()[:12]
    path = BUILD / f"inbox-{mentions}-{made_from}.db"
    counted = path.with_suffix(".count")
    if not counted.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        for old in BUILD.glob(f"inbox-{mentions}-*"):
            old.unlink()
        store = open_store(f"sqlite:///{path}", durable=False)
        store.migrate()
        count = corpus.fill(store, max(1, int(mentions / _MENTIONS_PER_CONVERSATION)))
        _close_all_but(store, OPEN)
        with store.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.exec_driver_sql("ANALYZE")
            conn.exec_driver_sql("PRAGMA journal_mode = DELETE")
        store.close()
        counted.write_text(str(count), encoding="ascii")
    return path, int(counted.read_text(encoding="ascii"))


def _close_all_but(store: Store, most: int) -> None:
    """Leave so many conversations open, the newest ones; a real desk closes what is old."""
    with store.write() as conn:
        newest = select(conversation.c.id).where(conversation.c.is_open).order_by(conversation.c.sort_at.desc())
        keep = newest.limit(most).scalar_subquery()
        conn.execute(
            update(conversation)
            .where(conversation.c.is_open, conversation.c.id.not_in(keep))
            .values(is_open=False, status="resolved", sla_due_at=None, snoozed_until=None, unanswered_since=None)
        )


def _as_of_today(store: Store) -> None:
    """Move what is due to around now: the archive ends on a fixed day, and the dashboard reads the wall clock."""
    later = datetime.now(UTC) - corpus.NOW
    with store.write() as conn:
        rows = conn.execute(
            select(
                conversation.c.id, conversation.c.sla_due_at, conversation.c.sort_at, conversation.c.snoozed_until
            ).where(conversation.c.is_open)
        ).all()
        for row in rows:
            conn.execute(
                update(conversation)
                .where(conversation.c.id == row.id)
                .values(
                    sla_due_at=_moved(row.sla_due_at, later),
                    sort_at=row.sort_at + later,
                    snoozed_until=_moved(row.snoozed_until, later),
                )
            )


def _moved(at: datetime | None, by: timedelta) -> datetime | None:
    return None if at is None else at + by


_SCHEMA = b"".join(
    path.read_bytes() for path in sorted((Path(migrate.__file__).parent / "migrations" / "versions").glob("*.py"))
)
