"""One's own account, links by mail, the record, and mail that did not arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox import passwords, people
from inbox.errors import BadInput, NotAllowed, NotFound, NotSignedIn, SignInRefused, TooManyAttempts
from inbox.mail.addresses import clean_address
from inbox.mail.notify import notify
from inbox.mail.texts import MailKind, write
from inbox.people_views import SignedIn
from inbox.permissions import Role
from inbox.rules.language import Actions, Conditions, Contains, Draft
from store import mail
from store.schema import outgoing_mail, sign_in_link
from tests.inbox.accessing import HERE, PASSWORD, joined, secured
from tests.inbox.conftest import World

NEW = "een heel andere zin nu"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._decoy.cache_clear()


@pytest.fixture
def world(world: World) -> World:
    return secured(world, can_mail=True)


def mails(world: World) -> list[Any]:
    with world.store.read() as conn:
        return list(conn.execute(select(outgoing_mail).order_by(outgoing_mail.c.id)))


def again(world: World, login: str = "jo", password: str = PASSWORD) -> SignedIn:
    entered = world.inbox.sign_in(login, password, address="198.51.100.9", agent="Firefox/133 (iPhone)")
    assert isinstance(entered, SignedIn)
    return entered


# --- sessions and password -------------------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_signs_out_there(world: World) -> None:
    here, there = joined(world), again(world)
    seen = world.inbox.access.sessions(here.token)
    assert {(one.here, one.method, one.address, one.agent) for one in seen} == {
        (True, "link", HERE.address, HERE.agent),
        (False, "password", "198.51.100.9", "Firefox/133 (iPhone)"),
    }
    world.inbox.access.end_session(here.token, next(one.id for one in seen if not one.here))
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(there.token)
    assert len(world.inbox.access.sessions(here.token)) == 1


def test_nobody_ends_a_session_of_somebody_else_unless_they_manage_people(world: World) -> None:
    jo, sam = joined(world), joined(world, "sam")
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    theirs = world.inbox.access.sessions(sam.token)[0].id
    with pytest.raises(NotFound):
        world.inbox.access.end_session(jo.token, theirs)
    for refused in (
        lambda: world.inbox.access.sessions_of(jo.token, sam.user.id),
        lambda: world.inbox.access.end_session_of(jo.token, sam.user.id, theirs),
        lambda: world.inbox.access.end_all_sessions_of(jo.token, sam.user.id),
        lambda: world.inbox.access.record(jo.token),
        lambda: world.inbox.mail.unsent(jo.token),
    ):
        with pytest.raises(NotAllowed):
            refused()
    world.inbox.access.end_session_of(boss.token, sam.user.id, theirs)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(sam.token)
    assert world.inbox.access.end_all_sessions_of(boss.token, jo.user.id) == 1
    assert world.inbox.access.record(boss.token, kind="sessions").lines[0].object == "Jo"


def test_a_changed_password_signs_out_every_other_browser(world: World) -> None:
    here, there = joined(world), again(world)
    with pytest.raises(SignInRefused):
        world.inbox.access.change_password(here.token, old="wrong", new=NEW)
    for poor in ("short", PASSWORD):
        with pytest.raises(BadInput):
            world.inbox.access.change_password(here.token, old=PASSWORD, new=poor)
    world.inbox.access.change_password(here.token, old=PASSWORD, new=NEW)
    assert world.inbox.current_user(here.token).login == "jo"
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(there.token)
    with pytest.raises(SignInRefused):
        again(world)
    again(world, password=NEW)


def test_guessing_the_old_password_is_slowed_down(world: World) -> None:
    token = joined(world).token
    for _ in range(5):
        with pytest.raises(SignInRefused):
            world.inbox.access.change_password(token, old="wrong", new=NEW)
    with pytest.raises(TooManyAttempts):
        world.inbox.access.change_password(token, old=PASSWORD, new=NEW)


# --- links by mail ---------------------------------------------------------------------------------------------------


def test_somebody_new_gets_the_link_by_mail_in_the_language_of_who_added_them(world: World) -> None:
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    world.inbox.set_language(boss.token, "nl")
    made = world.inbox.people.add(boss.token, login="sam", name="Sam", role=Role.AGENT, email="Sam@Shop.Example")
    assert made.mailed
    sent = mails(world)[-1]
    assert (sent.to_address, sent.subject) == ("Sam@shop.example", "Boss nodigt je uit voor Klankbord")
    assert f"https://inbox.acme.example/welcome/{made.token}" in sent.text
    without = world.inbox.people.add(boss.token, login="kim", name="Kim", role=Role.AGENT)
    assert not without.mailed


def test_whoever_forgot_the_password_gets_a_link_and_nobody_learns_who_exists(world: World) -> None:
    made = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT, email="jo@shop.example")
    before = len(mails(world))
    for who in ("JO", " jo@shop.example ", "nobody", "nobody@shop.example"):
        assert world.inbox.access.ask_link(who, from_address=HERE.address) is None
    sent = mails(world)[before:]
    assert [(one.to_address, one.kind) for one in sent] == [("jo@shop.example", "password_link")] * 2
    assert world.inbox.look_at_link(made.token) is not None, "asking takes nothing away from anybody"
    token = sent[0].text.split("/welcome/")[1].split()[0]
    entered = world.inbox.use_link(token, NEW, address=HERE.address)
    assert isinstance(entered, SignedIn)


def test_a_disabled_person_gets_no_link(world: World) -> None:
    made = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT, email="jo@shop.example")
    people.set_active(world.desk, made.user.id, active=False)
    before = len(mails(world))
    world.inbox.access.ask_link("jo", from_address=HERE.address)
    assert len(mails(world)) == before


def test_asking_for_links_is_slowed_down_per_name_and_per_address(world: World) -> None:
    for _ in range(3):
        world.inbox.access.ask_link("jo", from_address=HERE.address)
    with pytest.raises(TooManyAttempts):
        world.inbox.access.ask_link("JO ", from_address="203.0.113.1")
    for number in range(7):
        world.inbox.access.ask_link(f"who{number}", from_address=HERE.address)
    with pytest.raises(TooManyAttempts):
        world.inbox.access.ask_link("another", from_address=HERE.address)
    with world.store.read() as conn:
        assert conn.execute(select(sign_in_link)).all() == []


# --- the record ------------------------------------------------------------------------------------------------------


def test_the_record_tells_who_came_in_who_was_refused_and_from_where(world: World) -> None:
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    jo = joined(world)
    with pytest.raises(SignInRefused):
        world.inbox.sign_in("jo", "wrong", address="203.0.113.5")
    with pytest.raises(SignInRefused):
        world.inbox.sign_in("my secret password by mistake", "wrong", address="203.0.113.5")
    again(world)
    lines = world.inbox.access.record(boss.token).lines
    assert [(line.action, line.actor, line.object) for line in lines[:3]] == [
        ("signed_in", "Jo", "Jo"),
        ("sign_in_refused", "", ""),
        ("sign_in_refused", "", "Jo"),
    ]
    assert lines[2].params["address"] == "203.0.113.5"
    assert not any("by mistake" in repr(line) for line in lines), "what was typed is not kept"
    refused = world.inbox.access.record(boss.token, kind="refused").lines
    assert [line.kind for line in refused] == ["refused", "refused"]
    assert {
        line.action for line in world.inbox.access.record(boss.token, person_id=jo.user.id, kind="people").lines
    } == {"user_added"}
    with pytest.raises(BadInput):
        world.inbox.access.record(boss.token, kind="nonsense")


def test_the_record_names_things_by_their_name_and_else_tells_their_number_as_a_fact(world: World) -> None:
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    world.inbox.tags.describe(boss.token, "storing", description="Geen levering", colour="red")
    cancels = Conditions(all_of=(Contains(field="title", text="opzeggen"),))
    rule = world.inbox.rules.save(boss.token, Draft(name="Opzeggen", conditions=cancels, actions=Actions(priority=1)))
    rule_made, tag_made = world.inbox.access.record(boss.token, kind="settings").lines[:2]
    assert (tag_made.object, rule_made.object) == ("storing", "")
    assert rule_made.params["number"] == str(rule)


def test_the_record_is_read_page_by_page_without_gap_or_repeat(world: World) -> None:
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    number = world.conversation()
    for turn in range(11):
        people.set_email(world.desk, boss.user.id, f"boss{turn}@shop.example", actor_id=boss.user.id)
        world.inbox.add_tag(boss.token, number, f"tag {turn}")
    whole = world.inbox.access.record(boss.token).lines
    found, before = [], None
    while True:
        page = world.inbox.access.record(boss.token, before=before, limit=4)
        found += page.lines
        before = page.before
        if before is None:
            break
    assert [line.id for line in found] == [line.id for line in whole]
    assert not any(line.action == "tagged" for line in whole), "steps of work are no part of it"


# --- mail ------------------------------------------------------------------------------------------------------------


def test_a_colleague_is_told_once_and_only_where_mail_can_go(world: World) -> None:
    told = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT, email="jo@shop.example").user.id
    silent = people.add(world.desk, login="kim", name="Kim", role=Role.AGENT).user.id
    number, before = world.conversation(), len(mails(world))
    with world.store.write() as conn:
        for _ in range(2):
            assert notify(
                world.desk, conn, told, MailKind.MENTIONED, key="mentioned:7", conversation_id=number, by="Daan",
                quoted="kijk jij?\n" + "x" * 5_000,
            )  # fmt: skip
        assert not notify(world.desk, conn, silent, MailKind.MENTIONED, key="mentioned:7", conversation_id=number)
        assert not notify(secured(world).desk, conn, told, MailKind.ASSIGNED, key="a", conversation_id=number)
    sent = mails(world)[before:]
    assert [one.subject for one in sent] == ["Daan mentions you in a note"]
    assert f"https://inbox.acme.example/?c={number}" in sent[0].text
    assert len(sent[0].text) < 3_000


def test_what_did_not_arrive_is_shown_and_sent_again_by_a_person(world: World) -> None:
    boss = joined(world, "boss", Role.ADMINISTRATOR)
    world.inbox.people.add(boss.token, login="sam", name="Sam", role=Role.AGENT, email="sam@shop.example")
    row = mails(world)[-1]
    with world.store.write() as conn:
        mail.take(conn, now=world.clock(), lease=timedelta(minutes=5), limit=9)
        mail.settle(conn, row.id, mail.FAILED, now=world.clock(), error_text="550 no such box")
    shown = world.inbox.mail.unsent(boss.token)
    assert [(one.state, one.error_text, one.to_address) for one in shown if one.id == row.id] == [
        ("failed", "550 no such box", "sam@shop.example")
    ]
    assert not any("welcome/" in repr(one) for one in shown), "the link itself is shown to nobody"
    world.inbox.mail.send_again(boss.token, row.id)
    with pytest.raises(NotFound):
        world.inbox.mail.send_again(boss.token, row.id)


@pytest.mark.parametrize("kind", list(MailKind))
@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_every_mail_is_written_in_each_language_and_escapes_what_others_wrote(kind: MailKind, language: str) -> None:
    letter = write(
        kind, language, link="https://inbox.acme.example/x?a=1&b=2", quoted="<script>x</script>\n.\nregel",
        name="<b>Jo</b>", by="Daan\r\nBcc: x@y.example", login="jo", until="morgen",
        what="<b>Jo", why="<b>Jo", period="<b>Jo", title="<b>Jo\r\nBcc: x@y.example", told="<b>Jo",
    )  # fmt: skip
    assert "\n" not in letter.subject
    assert "<script>" not in letter.html
    assert "<b>Jo" not in letter.html
    assert "https://inbox.acme.example/x?a=1&b=2" in letter.text
    assert "{" not in letter.text + letter.subject


@given(st.text(max_size=300))
def test_whatever_is_typed_as_address_is_an_address_or_refused(text: str) -> None:
    try:
        kept = clean_address(text)
    except BadInput:
        return
    assert kept.count("@") == 1
    assert not any(sign in kept for sign in '\r\n \t<>,;"')
    assert clean_address(kept) == kept
