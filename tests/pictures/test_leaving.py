"""Pictures go with their messages (retention, erasing), and are in what somebody is told and in backups."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from inbox.desk import Desk
from inbox.privacy import dossier
from inbox.privacy.page import render
from inbox.settings import InboxSettings
from store import forgetting
from store.backup import backup, restore
from store.duties import DutyRecord, sync_duties, tell_changes
from store.engine import Store
from store.ingest import commit_page
from store.keeping import Keeping
from store.pictures import by_link
from store.retention import enforce
from store.transfer import BATCH_OF_PICTURES, transfer
from tests.conftest import Clock
from tests.pictures.home import Home, image
from tests.pictures.making import photo
from tests.pictures.planting import fetch_all
from tests.store.making import mention as record
from tests.store.making import page, person

pytestmark = pytest.mark.slow

PIET = person("1", handle="piet84", name="Piet de Vries")


@pytest.fixture
async def kept(home: Home) -> int:
    """A message of Piet's with a picture that is kept."""
    one = home.post("1", image("https://s.example/a.jpg", "mijn kapotte doos"), author=PIET)
    fetch_all(home.store, photo())
    return one


async def test_retention_takes_the_pictures_along(home: Home, kept: int, clock: Clock) -> None:
    assert (kept, 0) in home.kept()
    sync_duties(home.store, [DutyRecord("forum", Keeping(retention_s=86_400))])
    while tell_changes(home.store):
        pass
    enforce(home.store, now=clock.step(days=2))
    assert home.kept() == {}
    assert home.rows() == []


async def test_erasing_somebody_takes_their_pictures_and_leaves_those_of_others(home: Home, kept: int) -> None:
    other = home.post("2", image("https://s.example/b.jpg"), author=person("2", handle="anneke"))
    fetch_all(home.store, photo())
    with home.store.read() as conn:
        subject = forgetting.find(conn, platform="forum", handle="piet84")
        assert subject is not None
        assert forgetting.held(conn, subject).pictures == 1
    forgetting.erase(home.store, subject, now=home.clock.step(hours=1))
    assert set(home.kept()) == {(other, 0)}
    again = record("1", media=(image("https://s.example/a.jpg"),), author=PIET)
    commit_page(home.store, page(again, source_id="forum", fetched_at=home.clock()))
    assert {row.mention_id for row in home.rows()} == {other}
    assert kept != other


async def test_somebody_who_asks_gets_their_pictures_in_the_file(home: Home, kept: int, clock: Clock) -> None:
    home.post("2", image("https://s.example/gone.jpg", "de bon"), author=PIET)
    desk = Desk(home.store, InboxSettings(), clock)
    with home.store.read() as conn:
        subject = forgetting.find(conn, platform="forum", handle="piet84")
    assert subject is not None
    found = dossier.gather(desk, subject)
    told = [each for talk in found.conversations for said in talk["messages"] for each in said["pictures"]]
    assert [(each["description"], each["not_kept"]) for each in told] == [
        ("mijn kapotte doos", ""),
        ("de bon", "wanted"),
    ]
    large = home.kept()[kept, 0][1]
    assert base64.b64decode(told[0]["jpeg"]) == large
    file = render(found, language="nl", zone=ZoneInfo("UTC"))
    assert told[0]["jpeg"] in file
    assert 'alt="mijn kapotte doos"' in file
    assert "de bon (niet bewaard)" in file
    assert "s.example/a.jpg" not in file


def test_a_backup_holds_the_pictures_and_restoring_brings_them_back(
    store: Store, clock: Clock, tmp_path: Path, empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    if not store.is_sqlite:
        pytest.skip("pg_dump takes every table; its own test is with the others of backups")
    home = Home(store, clock, allowed=frozenset())
    home.post("1", image("https://s.example/a.jpg"))
    (link,) = fetch_all(store, photo())
    with store.read() as conn:
        large = by_link(conn, link, large=True)
    backup(store, tmp_path / "safe.db")
    restore(tmp_path / "safe.db", empty_store_url, now=clock())
    again = open_stores(empty_store_url)
    with again.read() as conn:
        assert by_link(conn, link, large=True) == large
    home.ledger.close()


def test_a_store_that_moves_to_another_engine_takes_its_pictures_along(
    store: Store, clock: Clock, empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    home = Home(store, clock, allowed=frozenset())
    for number in range(BATCH_OF_PICTURES + 2):
        home.post(str(number), image(f"https://s.example/{number}.jpg"))
    fetch_all(store, photo(40, 30))
    target = open_stores(empty_store_url)
    target.migrate()
    moved = {one.table: one.rows for one in transfer(store, target)}
    assert moved["media_picture"] == moved["media"] == BATCH_OF_PICTURES + 2
    with target.read() as conn:
        assert by_link(conn, home.rows()[0].link, large=True)
    home.ledger.close()
