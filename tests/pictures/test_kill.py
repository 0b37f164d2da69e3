"""Kill -9 while pictures are fetched and their messages are removed: each is kept once, and none is left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.engine import open_store, utc_now
from store.ingest import commit_page
from store.records import DeletedRecord
from tests.pictures.conftest import Site
from tests.pictures.home import Home, image
from tests.pictures.making import photo
from tests.store.making import page

ROOT = Path(__file__).resolve().parents[2]


def orphans(home: Home) -> set[tuple[int, int]]:
    """Pictures without a row that keeps them, and rows that keep none."""
    rows = {(row.mention_id, row.place) for row in home.rows() if row.state == "kept"}
    return rows ^ set(home.kept())


def killing(home: Home, site: Site, url: str, *, kills: int) -> None:
    rng = random.Random(7)
    living: dict[str, int] = {}
    removed: list[int] = []
    number = 0
    for _ in range(kills):
        process = subprocess.Popen([sys.executable, "-m", "tests.pictures.fetching_process", url, site.host], cwd=ROOT)
        for _ in range(6):
            name = str(number)
            living[name] = home.post(name, image(site.puts(f"/{name}.jpg", photo(400, 300))))
            number += 1
        before, deadline = len(home.kept()), time.monotonic() + 60
        while len(home.kept()) <= before and time.monotonic() < deadline:
            time.sleep(0.005)  # another process decides when
        victim = rng.choice(sorted(living))
        removed.append(living.pop(victim))
        commit_page(home.store, page(deleted=(DeletedRecord(victim, "forum:a.example"),), fetched_at=utc_now()))
        time.sleep(rng.random() * 0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert orphans(home) == set()
        assert not {row.mention_id for row in home.rows()} & set(removed)
    last = subprocess.Popen([sys.executable, "-m", "tests.pictures.fetching_process", url, site.host], cwd=ROOT)
    deadline = time.monotonic() + 120
    while any(row.state == "wanted" for row in home.rows()) and time.monotonic() < deadline:
        time.sleep(0.05)  # as above
    last.kill()
    last.wait()
    assert {key[0] for key in home.kept()} == set(living.values())
    assert orphans(home) == set()


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_whatever_is_killed_when_there_is_never_a_picture_without_its_message(store_url: str, site: Site) -> None:
    store = open_store(store_url)
    home = Home(store, utc_now, allowed=frozenset({site.host}))
    try:
        killing(home, site, store_url, kills=8)
    finally:
        await home.close()
        store.close()
