"""A desk whose kept exports stand in a folder of the test, and a worker for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inbox.desk import Desk
from inbox.export_jobs.files import Shelf
from inbox.export_jobs.making import make_next
from inbox.export_jobs.starting import shelf_of
from inbox.service import Inbox
from inbox.settings import ExportSettings
from tests.inbox.conftest import SETTINGS, World

Furnish = Callable[..., World]


@pytest.fixture
def furnish(world: World, tmp_path: Path) -> Furnish:
    """The world with settings of exports, beside those of the test's folder."""

    def made(**given: Any) -> World:
        exports = ExportSettings(**{"folder": tmp_path / "exports", "spare_gb": 0, **given})
        settings = SETTINGS.model_copy(update={"exports": exports, "can_mail": True})
        desk = Desk(world.store, settings, world.clock)
        return replace(world, desk=desk, inbox=Inbox(world.store, settings, clock=world.clock))

    return made


def work(world: World, *, shelf: Shelf | None = None, owner: str = "worker") -> int:
    """Make every export that waits; how many there were."""
    made = 0
    while make_next(world.desk, shelf or shelf_of(world.desk), owner=owner):
        made += 1
    return made


def folder_of(world: World) -> list[str]:
    """Names of what stands in the folder of exports."""
    folder = world.desk.declared.exports.folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
