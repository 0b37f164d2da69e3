"""A database made and worked on by an earlier Klankbord comes along: every row kept, and work goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, select
from sqlalchemy.exc import SAWarning

from inbox import sessions
from inbox.desk import Desk
from inbox.service import Inbox
from inbox.views import View
from store import migrate
from store.engine import Store, open_store
from tests.screens import sample

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
EARLIER = "a54ca1b"
"""The last commit before answering: reading, claims, notes, undo and people were there."""

THEN = """
import sys
from pathlib import Path
from tests.screens.conftest import make_house
from inbox.views import View
house = make_house(Path(sys.argv[1]), extra=40)
box, who = house.inbox, house.token("daan")
for number in range(6):
    row_id = box.next_for_me(who).conversation_id
    box.add_note(who, row_id, f"note {number}")
    box.add_tag(who, row_id, "invoice")
    if number % 2:
        box.resolve(who, row_id)
box.undo(who, box.resolve(who, box.next_for_me(who).conversation_id).event_id)
house.store.close()
"""
MOVE = """
import sys
from store.engine import open_store
from store.transfer import transfer
old, new = open_store(sys.argv[1]), open_store(sys.argv[2])
new.migrate()
transfer(old, new)
old.close(); new.close()
"""


def earlier(folder: Path) -> Path:
    """The code of then, taken out of the history."""
    code = folder / "then"
    code.mkdir()
    packed = subprocess.run(["git", "archive", EARLIER], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode != 0:
        pytest.skip(f"no history here with {EARLIER}")
    subprocess.run(["tar", "-x", "-C", str(code)], input=packed.stdout, check=True)
    return code


def run(code: Path, script: str, *arguments: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(code)}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=code,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def rows(store: Store, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """Every row of these tables in these columns."""
    known = MetaData()
    with warnings.catch_warnings(action="ignore", category=SAWarning):  # indexes over expressions are not reflected
        known.reflect(store.engine, only=list(columns))
    found = {}
    with store.read() as conn:
        for name, wanted in columns.items():
            table = known.tables[name]
            found[name] = sorted(map(repr, conn.execute(select(*(table.c[one] for one in wanted))).all()))
    return found


def columns_of(store: Store) -> dict[str, list[str]]:
    """Tables of people's and platforms' words, with their columns; leases, full text and counts are made anew."""
    look = inspect(store.engine)
    anew = ("mention_fts", "alembic", "id_lease", "rollup_")
    names = [name for name in look.get_table_names() if not name.startswith(anew)]
    return {name: [one["name"] for one in look.get_columns(name) if str(one["type"]) != "TSVECTOR"] for name in names}


@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"])
def test_a_database_of_before_answering_is_upgraded_with_every_row(
    engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    code, made = earlier(tmp_path), tmp_path / "made"
    made.mkdir()
    run(code, THEN, str(made))
    url = f"sqlite:///{made / 'klankbord.db'}"
    if engine_name == "postgresql":
        new = request.getfixturevalue("postgres_databases").empty()
        run(code, MOVE, url, new)
        url = new
    store = open_store(url)
    was = store.schema_version()
    columns = columns_of(store)
    before = rows(store, columns)
    assert was != migrate.head()
    assert len(before["event"]) > 20
    store.engine.dispose()
    store.migrate()
    store.require_schema()
    assert rows(store, columns) == before
    box, desk = Inbox(store, sample.SETTINGS), Desk(store, sample.SETTINGS)
    who = sessions.start_for(desk, _id_of(store, "daan")).token
    for view in View:
        for card in box.listing(who, view).cards:
            assert box.detail(who, card.id).messages
    done = box.next_for_me(who)
    assert done is not None
    box.resolve(who, done.conversation_id)
    store.close()


def _id_of(store: Store, login: str) -> int:
    from store.schema import user_account

    with store.read() as conn:
        return int(conn.execute(select(user_account.c.id).where(user_account.c.login == login)).scalar_one())
