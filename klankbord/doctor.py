"""Examining an installation: is everything here that is needed, and is what is kept sound?"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from pyexpat import EXPAT_VERSION
from typing import Any

from inbox.measuring.retelling import check_facts
from klankbord import __version__, brand_queries
from klankbord.config import Config
from store.engine import Store, open_store
from store.errors import StoreError
from store.rollups import check_rollups
from store.source_health import source_health
from store.theme_counts import check_theme_counts
from understanding.sentiment import tier_one
from understanding.sentiment.deep import tier_two
from understanding.vectors import why_not

_SAFE_EXPAT = (2, 4, 1)
_LOW_DISK_BYTES = 1_000_000_000


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at, and what was found, with what to do about it."""

    what: str
    level: Level
    text: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"what": self.what, "level": self.level.value, "text": self.text}


def examine(config: Config, clock: Callable[[], datetime]) -> list[Finding]:
    """Look at everything, and go on after what is wrong."""
    found = [*_software(), _second_tier(config)]
    try:
        store = open_store(config.database)
    except StoreError as error:
        return [*found, Finding("database", Level.WRONG, str(error))]
    try:
        found += _database(store, config, clock())
    except StoreError as error:
        found.append(Finding("database", Level.WRONG, str(error)))
    finally:
        store.close()
    return found


def _software() -> Iterator[Finding]:
    yield Finding("klankbord", Level.OK, f"{__version__} on Python {platform.python_version()}, {platform.system()}")
    version = tuple(int(part) for part in EXPAT_VERSION.removeprefix("expat_").split("."))
    if version < _SAFE_EXPAT:
        text = f"expat {EXPAT_VERSION} does not stop XML bombs; update Python or the system's libexpat"
        yield Finding("XML parser", Level.WRONG, text)
    else:
        yield Finding("XML parser", Level.OK, EXPAT_VERSION.replace("_", " "))


def _second_tier(config: Config) -> Finding:
    if not config.second_tier:
        return Finding("second tier of tone", Level.OK, "switched off (second_tier: false)")
    if reason := why_not():
        return Finding("second tier of tone", Level.NOTE, f"off: {reason}")
    return Finding("second tier of tone", Level.OK, f"on, {tier_two(tier_one()).version}")


def _database(store: Store, config: Config, now: datetime) -> Iterator[Finding]:
    store.require_schema()
    yield Finding("database", Level.OK, f"{store.engine.dialect.name}, schema {store.schema_version()}")
    yield from _disk(config)
    for problem in store.dialect.problems(store.engine):
        yield Finding("integrity", Level.WRONG, f"{problem}; restore a backup, or ask for help with this line")
    differences = check_rollups(store, timezone=config.timezone)
    if differences:
        text = f"{len(differences)} figures differ from a recount, the first {differences[0].key}"
        yield Finding("roll-ups", Level.WRONG, f"{text}; run `klankbord recount-volumes`")
    else:
        yield Finding("roll-ups", Level.OK, "equal to a recount of all mentions")
    wrong = check_facts(store, config.inbox_settings())
    if wrong:
        text = f"the facts of {len(wrong)} steps differ from their events, the first event {wrong[0].event_id}"
        yield Finding("figures", Level.WRONG, text)
    else:
        yield Finding("figures", Level.OK, "facts equal to a recount of all events")
    differences = check_theme_counts(store)
    if differences:
        text = f"{len(differences)} counters of themes differ from a recount, the first {differences[0].key}"
        yield Finding("themes", Level.WRONG, f"{text}; run `klankbord recount-themes`")
    for told in brand_queries.that_count(store, now).passed_over:
        yield Finding("queries", Level.WRONG, told)
    with store.read() as conn:
        rows = source_health(conn, now=now, window=timedelta(days=7))
    for row in rows:
        if row.enabled and row.health != "ok":
            yield Finding(f"source {row.id}", Level.NOTE, row.health_text or row.health)
        elif row.quarantined:
            yield Finding(f"source {row.id}", Level.NOTE, f"{row.quarantined} items set aside; see `quarantine list`")


def _disk(config: Config) -> Iterator[Finding]:
    prefix = "sqlite:///"
    if not config.database.startswith(prefix):
        return
    free = shutil.disk_usage(Path(config.database.removeprefix(prefix)).parent).free
    level = Level.WRONG if free < _LOW_DISK_BYTES else Level.OK
    yield Finding("disk", level, f"{free / 1e9:.0f} GB free beside the database")
