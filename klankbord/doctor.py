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

from klankbord import __version__
from klankbord.config import Config
from store.engine import Store, open_store
from store.errors import StoreError
from store.rollups import check_rollups
from store.source_health import source_health

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
    found = [*_software()]
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


def _database(store: Store, config: Config, now: datetime) -> Iterator[Finding]:
    store.require_schema()
    yield Finding("database", Level.OK, f"{store.engine.dialect.name}, schema {store.schema_version()}")
    yield from _disk(config)
    for problem in store.dialect.problems(store.engine):
        yield Finding("integrity", Level.WRONG, f"{problem}; restore a backup, or ask for help with this line")
    differences = check_rollups(store, timezone=config.timezone)
    if differences:
        text = f"{len(differences)} figures differ from a recount, the first {differences[0].key}"
        yield Finding("roll-ups", Level.WRONG, text)
    else:
        yield Finding("roll-ups", Level.OK, "equal to a recount of all mentions")
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
