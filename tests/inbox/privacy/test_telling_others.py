"""Where several take part, who asks is told what is about them; the others and colleagues stay out."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from inbox.desk import Desk
from inbox.privacy.dossier import Dossier, gather
from inbox.privacy.naming import VEIL
from inbox.settings import InboxSettings
from store import forgetting
from store.engine import Store
from store.ingest import commit_page
from store.records import PageCommit, UnmatchedRecord
from store.schema import conversation, mention
from tests.conftest import Clock
from tests.inbox.privacy.planting import PLATFORM, said

SOURCE = "social"


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, InboxSettings(), clock)


def told(desk: Desk, handle: str) -> Dossier:
    with desk.store.read() as conn:
        subject = forgetting.find(conn, platform=PLATFORM, handle=handle)
    assert subject is not None
    return gather(desk, subject)


def put(desk: Desk, table: str, **values: Any) -> None:
    with desk.store.write() as conn:
        conn.execute(SQLModel.metadata.tables[table].insert().values(id=desk.store.new_id(), **values))


def talk(desk: Desk, *people: str) -> int:
    """A conversation in which these people speak, each answering the one before; its number."""
    at = desk.clock()
    posts = [said(f"1-{who}", who, at, answers=f"1-{people[n - 1]}" if n else None) for n, who in enumerate(people)]
    commit_page(desk.store, PageCommit(SOURCE, "q", at, mentions=tuple(posts)))
    with desk.store.read() as conn:
        wanted = select(mention.c.conversation_id).where(mention.c.external_id == f"1-{people[0]}")
        return int(conn.execute(wanted).scalar_one())


def test_in_a_talk_of_several_only_work_that_names_who_asks_is_told_without_the_others(desk: Desk) -> None:
    number, at = talk(desk, "willemijn", "anneke84"), desk.clock()
    put(desk, "user_account", login="daan", name="Daan de Boer", role="agent", active=True, is_example=False,
        created_at=at, needs_approval=False, skills=[], availability="available")  # fmt: skip
    for text in ("willemijn is boos op anneke84, Daan belt", "Willemijn Naam wil geld terug", "@daan kijk even"):
        put(desk, "note", conversation_id=number, author_id=1, at=at, text=text)
    put(desk, "outgoing_mail", dedupe_key="d", kind="mentioned", to_address="daan@acme.example", subject="Een notitie",
        text="Dag Daan,\nanneke84 vraagt iets: https://desk.example/c/1?token=geheim\nwillemijn ook", created_at=at,
        conversation_id=number, not_before=at, state="sent", attempts=1)  # fmt: skip
    found = told(desk, "anneke84")
    (one,) = found.conversations
    assert [each["text"] for each in one["notes"]] == [f"{VEIL} is boos op anneke84, {VEIL} belt"]
    (mail,) = one["shared_with"]
    assert mail["text"] == "anneke84 vraagt iets: "
    assert one["messages_of_others"] == 1
    file = orjson.dumps(found.as_dict()).decode()
    for word in ("willemijn", "Willemijn", "Daan", "daan", "geheim", "acme.example"):
        assert word not in file, word


def test_the_only_one_in_a_talk_is_told_all_work_on_it(desk: Desk) -> None:
    number = talk(desk, "anneke84")
    put(desk, "note", conversation_id=number, author_id=1, at=desk.clock(), text="belt morgen terug")
    put(desk, "note", conversation_id=number, author_id=1, at=desk.clock(), text="weg", deleted_at=desk.clock())
    (one,) = told(desk, "anneke84").conversations
    assert [each["text"] for each in one["notes"]] == ["belt morgen terug", "weg"], "it is still kept"


def test_work_on_talks_of_others_that_names_who_asks_is_told_of_without_its_words(desk: Desk) -> None:
    talk(desk, "anneke84")
    other = talk(desk, "willemijn")
    put(desk, "note", conversation_id=other, author_id=1, at=desk.clock(), text="ruzie met @anneke84 om een hond")
    put(desk, "hand_over", author_id=1, at=desk.clock(), text="anneke84 en willemijn bellen")
    found = told(desk, "anneke84")
    assert {(each["where"], tuple(each.get("words", ()))) for each in found.words} == {
        ("note", ()),
        ("hand_over", (f"anneke84 en {VEIL} bellen",)),
    }
    assert "hond" not in orjson.dumps(found.as_dict()).decode()
    assert all(each["where"] != "note" for each in told(desk, "willemijn").words)


def test_who_has_the_same_beginning_of_a_name_is_somebody_else(desk: Desk) -> None:
    talk(desk, "anneke84")
    put(desk, "hand_over", author_id=1, at=desk.clock(), text="anneke841 komt langs")
    stray = UnmatchedRecord("u1", PLATFORM, "vreemde woorden", url="https://s.example/@anneke841/1")
    about = UnmatchedRecord("u2", PLATFORM, "anneke84 is vreemd", url="https://s.example/@piet/1")
    own = UnmatchedRecord("u3", PLATFORM, "eigen woorden", url="https://s.example/@anneke84/1")
    commit_page(desk.store, PageCommit(SOURCE, "q", desk.clock(), unmatched=(stray, about, own)))
    found = told(desk, "anneke84")
    assert found.words == ()
    assert [(each["what"], each.get("text")) for each in found.incoming] == [
        ("unmatched_of_others", None),
        ("unmatched", "eigen woorden"),
    ]


def test_what_is_left_of_a_removed_message_is_told_where_its_id_names_somebody(desk: Desk, clock: Clock) -> None:
    talk(desk, "anneke84")
    shell = said("https://s.example/@anneke84/9", "anneke84", clock())
    commit_page(desk.store, PageCommit(SOURCE, "q", clock(), mentions=(shell,)))
    with desk.store.write() as conn:
        gone = mention.c.external_id == shell.external_id
        conn.execute(mention.update().where(gone).values(author_id=None, text="", deleted_at=clock()))
    ids = [each["id_there"] for one in told(desk, "anneke84").conversations for each in one["messages"]]
    assert ids == ["1-anneke84", shell.external_id]


def test_titles_of_a_talk_that_another_began_are_theirs(desk: Desk) -> None:
    number = talk(desk, "willemijn", "anneke84")
    with desk.store.write() as conn:
        mine = conversation.c.id == number
        conn.execute(conversation.update().where(mine).values(title="mijn hond", status_reason="om willemijn"))
    (one,) = told(desk, "anneke84").conversations
    assert "title" not in one
    assert one["status_reason"] is None
