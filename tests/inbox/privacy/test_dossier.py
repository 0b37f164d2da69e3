"""Who asks what we keep is told all of it: whatever any table holds, or why it stays out; and nothing of others."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlmodel import SQLModel

from inbox.desk import Desk
from inbox.privacy.dossier import Dossier, gather
from inbox.privacy.left_out import MORE, WORDS
from inbox.privacy.page import render
from inbox.privacy.page_words import DUTCH
from inbox.privacy.telling import DECISIONS, Names, Reason, Told, left_out, without
from inbox.settings import InboxSettings
from store import forgetting
from store.engine import Store
from store.personal import TABLES, Holds
from tests.conftest import Clock
from tests.inbox.privacy.planting import STRUCTURE, Planted, plant, spot, words_of

MARK, OTHER = "zqxmarkiert", "wvyandernaam"
UTC = ZoneInfo("UTC")


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, InboxSettings(), clock)


def told(desk: Desk, who: int) -> Dossier:
    with desk.store.read() as conn:
        subject = forgetting.find(conn, author_id=who)
    assert subject is not None
    return gather(desk, subject)


def as_json(dossier: Dossier) -> str:
    return orjson.dumps(dossier.as_dict()).decode()


def both(dossier: Dossier) -> Iterator[str]:
    """The file in each of its forms."""
    yield as_json(dossier)
    yield render(dossier, language="nl", zone=UTC)
    yield render(dossier, language="en", zone=UTC)


def test_every_table_of_the_store_has_a_decision() -> None:
    assert set(DECISIONS) == set(TABLES), "say in inbox/privacy/telling.py what is told of the table"
    for name, decision in DECISIONS.items():
        table = SQLModel.metadata.tables.get(name)
        if table is None:
            continue
        named = decision.columns if isinstance(decision, Names) else without(name)
        assert set(named) <= set(table.c.keys()), name


def test_what_erasing_reaches_stays_out_only_where_it_stands_elsewhere_in_the_file() -> None:
    quiet = {Holds.NOTHING, Holds.STAFF}
    held_back = {name for name, holds in TABLES.items() if holds not in quiet and isinstance(DECISIONS[name], Reason)}
    assert {DECISIONS[name] for name in held_back} == {Reason.REPEATED}
    staff = {name for name, holds in TABLES.items() if holds is Holds.STAFF}
    assert {DECISIONS[name] for name in staff - {"login"}} == {Reason.COLLEAGUES}


def test_every_mark_in_every_table_is_in_the_file_or_its_place_is_left_out(desk: Desk, clock: Clock) -> None:
    one = plant(desk.store, MARK, clock(), base=1000)
    dossier = told(desk, one.author_id)
    for file in both(dossier):
        missing = []
        leaked = []
        for name, decision in DECISIONS.items():
            if isinstance(decision, Reason) or name not in SQLModel.metadata.tables:
                continue
            for column in words_of(SQLModel.metadata.tables[name]):
                there = _stands(one, name, column, file)
                due = column in decision.columns if isinstance(decision, Names) else column not in decision.without
                if due and not there:
                    missing.append(f"{name}.{column}")
                if there and not due:
                    leaked.append(f"{name}.{column}")
        assert ", ".join(missing) == ""
        assert ", ".join(leaked) == "", "it stays out, says inbox/privacy/telling.py"
        assert f"id-{MARK}-1234" in file


def _stands(one: Planted, table: str, column: str, file: str) -> bool:
    words = spot(one.name, table, column)
    return words in file or b64encode(f"{one.name} {words}".encode()).decode() in file


def test_the_file_lists_in_the_language_of_its_reader_what_is_not_in_it(desk: Desk, clock: Clock) -> None:
    one = plant(desk.store, MARK, clock(), base=1000)
    dossier = told(desk, one.author_id)
    tables = {table for names in left_out().values() for table in names}
    assert tables == {name for name, decision in DECISIONS.items() if isinstance(decision, Reason)}
    dutch, english = (render(dossier, language=language, zone=UTC) for language in ("nl", "en"))
    for table in tables:
        assert table in dutch
        assert table in english
        assert f'"{table}"' in as_json(dossier)
    assert "Wat niet in dit bestand staat, en waarom" in dutch
    assert "What is not in this file, and why" in english
    pairs = [*WORDS.values(), *((more.what, more.why) for more in MORE)]
    for sentence in (each for pair in pairs for each in pair):
        assert sentence in english
        assert sentence not in dutch
        assert escape(DUTCH[sentence]) in dutch


def test_whatever_the_file_tells_has_a_dutch_word(desk: Desk, clock: Clock) -> None:
    one = plant(desk.store, MARK, clock(), base=1000)
    found = set(_names({key: value for key, value in told(desk, one.author_id).as_dict().items() if key != "left_out"}))
    parts = {"accounts", "person", "recognised", "conversations", "incoming", "alerts", "counts", "sources", "exports"}
    apart = {"noise_rules", "number", "messages_of_others", "drafts", "promises", "shared_with", "measured", "jpeg"}
    apart |= {"answers", "answers_not_sent", "pictures", "description", "earlier_texts", "not_kept"}
    assert found - set(DUTCH) - parts - apart - {"made_at"} == set()


def _names(value: Any) -> Iterator[str]:
    """Names of fields; what a platform or a step calls its own stays as it is."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            if key not in {"platform_copy", "extra", "before", "after", "words", "flags"}:
                yield from _names(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _names(each)


def test_nothing_of_another_customer_is_in_it(desk: Desk, clock: Clock) -> None:
    one = plant(desk.store, MARK, clock(), base=1000)
    other = plant(desk.store, OTHER, clock.step(days=1), base=2000)
    for mine, theirs in ((one, other), (other, one)):
        dossier = told(desk, mine.author_id)
        for file in both(dossier):
            assert theirs.name not in file
            assert "vreemde" not in file
            assert spot(mine.name, "note", "text") in file
    assert {name for name, decision in DECISIONS.items() if isinstance(decision, Told)} >= {"draft", "event", "intake"}
    assert STRUCTURE
