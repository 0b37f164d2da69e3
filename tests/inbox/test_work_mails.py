"""Mails about the work: who is told of what, what they chose, and what never goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from inbox.bulk.views import Action, Kind
from inbox.clockwork import tick
from inbox.errors import BadInput
from inbox.mail.wanted import CHOOSABLE
from inbox.permissions import Role
from inbox.views import CurrentUser
from store.schema import conversation, outgoing_mail, user_account
from tests.inbox.accessing import secured
from tests.inbox.conftest import World
from tests.inbox.test_replies import answerable

ALL = tuple(kind.value for kind in CHOOSABLE)


@pytest.fixture
def world(world: World) -> World:
    return secured(world, can_mail=True)


def reachable(world: World, role: Role = Role.AGENT, *, every: bool = True, **more: Any) -> CurrentUser:
    """Somebody with an address, who wants every mail unless told otherwise."""
    user = world.person(role, **more)
    with world.store.write() as conn:
        mine = user_account.c.id == user.id
        conn.execute(user_account.update().where(mine).values(email=f"{user.login}@acme.example"))
    if every:
        world.inbox.mail.choose(world.token(user), ALL)
    return user


def mails(world: World) -> list[Any]:
    with world.store.read() as conn:
        return list(conn.execute(select(outgoing_mail).order_by(outgoing_mail.c.id)))


def told(world: World) -> list[tuple[str, str]]:
    return [(mail.kind, mail.to_address.partition("@")[0]) for mail in mails(world)]


def private(world: World, number: int) -> None:
    with world.store.write() as conn:
        conn.execute(conversation.update().where(conversation.c.id == number).values(visibility="private"))


def test_who_is_named_in_a_note_is_told_when_it_cannot_be_taken_back_any_more(world: World) -> None:
    writer, named = reachable(world, name="Bo Vos"), reachable(world, Role.SPECIALIST)
    number = world.conversation()
    world.inbox.add_note(world.token(writer), number, f"@{named.login} @{writer.login} kijk jij? <b>nu</b>")
    (mail,) = mails(world)
    assert (mail.kind, mail.to_address) == ("mentioned", f"{named.login}@acme.example")
    assert mail.subject == "Bo Vos mentions you in a note"
    assert "kijk jij? <b>nu</b>" in mail.text
    assert "&lt;b&gt;nu&lt;/b&gt;" in mail.html
    assert "<b>nu" not in mail.html
    assert f"https://inbox.acme.example/?c={number}" in mail.text
    assert mail.not_before == world.clock() + timedelta(seconds=15)


def test_a_note_taken_back_takes_its_mail_back(world: World) -> None:
    writer, named = reachable(world), reachable(world)
    done = world.inbox.add_note(world.token(writer), world.conversation(), f"@{named.login} zie dit")
    assert done.event_id is not None
    world.inbox.undo(world.token(writer), done.event_id)
    assert mails(world) == []


def test_asking_a_colleague_tells_them_too(world: World) -> None:
    writer, named = reachable(world), reachable(world)
    world.inbox.mentions.ask(world.token(writer), world.conversation(), f"@{named.login} weet jij dit?")
    assert told(world) == [("mentioned", named.login)]


def test_who_gets_an_assignment_is_told_and_who_takes_it_is_not(world: World) -> None:
    giver, getter = reachable(world), reachable(world)
    first, second = world.conversation("Waar is mijn pakket?"), world.conversation()
    world.inbox.assign(world.token(giver), first, getter.id)
    world.inbox.assign(world.token(giver), second, giver.id)
    (mail,) = mails(world)
    assert (mail.kind, mail.to_address) == ("assigned", f"{getter.login}@acme.example")
    assert "> Waar is mijn pakket?" in mail.text


def test_an_assignment_taken_back_tells_nobody(world: World) -> None:
    giver, getter = reachable(world), reachable(world)
    done = world.inbox.assign(world.token(giver), world.conversation(), getter.id)
    assert done.event_id is not None
    world.inbox.undo(world.token(giver), done.event_id)
    assert mails(world) == []


def test_twenty_conversations_given_at_once_are_one_mail(world: World) -> None:
    giver, getter = reachable(world), reachable(world)
    chosen = {world.conversation(): None for _ in range(20)}
    world.inbox.bulk.apply(world.token(giver), chosen, Action(Kind.ASSIGN, getter.id))
    assert told(world) == [("assigned", getter.login)]


def test_who_approves_for_the_team_is_told_and_not_any_more_once_decided(world: World) -> None:
    near, anywhere = reachable(world, Role.LEAD, team_id="webcare"), reachable(world, Role.ADMINISTRATOR)
    reachable(world, Role.LEAD, team_id="night")
    reachable(world, Role.AGENT, team_id="webcare")
    author = reachable(world, Role.SPECIALIST, team_id="webcare", name="Iris")
    number = answerable(world)
    assert world.row(number).team_id == "webcare"
    version = world.row(number).version
    world.inbox.replies.send(world.token(author), number, text="Dat is glutenvrij", version=version)
    assert sorted(told(world)) == sorted([("approval", near.login), ("approval", anywhere.login)])
    (to_near,) = [mail.text for mail in mails(world) if mail.text.startswith(f"Hello {near.name},")]
    assert "\n\nIris wrote an answer" in to_near
    (waiting,) = world.inbox.replies.of(world.token(near), number)
    world.inbox.replies.approve(world.token(near), waiting.id)
    assert mails(world) == []


def test_a_promise_that_is_due_soon_is_told_to_who_has_the_conversation(world: World) -> None:
    agent, number = reachable(world), world.conversation()
    token = world.token(agent)
    world.inbox.claim(token, number)
    due = world.clock() + timedelta(hours=4)
    world.inbox.promises.make(token, number, text="Wij bellen u terug", due_at=due)
    tick(world.store, world.desk.settings, world.clock.step(timedelta(hours=3, minutes=30)))
    assert told(world) == [("promise_due", agent.login)]
    assert "> Wij bellen u terug" in mails(world)[0].text


def test_a_snooze_that_is_over_is_told(world: World) -> None:
    agent, number = reachable(world), world.conversation()
    token = world.token(agent)
    world.inbox.claim(token, number)
    world.inbox.snooze(token, number, until=world.clock() + timedelta(hours=1))
    tick(world.store, world.desk.settings, world.clock.step(timedelta(hours=2)))
    assert told(world) == [("snooze_over", agent.login)]


def test_somebody_who_never_chose_is_told_of_mentions_but_not_of_assignments(world: World) -> None:
    giver, getter = world.person(), reachable(world, every=False)
    number = world.conversation()
    world.inbox.assign(world.token(giver), number, getter.id)
    world.inbox.add_note(world.token(giver), number, f"@{getter.login}")
    assert told(world) == [("mentioned", getter.login)]
    choice = world.inbox.mail.mine(world.token(getter))
    assert choice.to == f"{getter.login}@acme.example"
    assert [kind.value for kind in choice.wanted] == ["mentioned", "approval", "promise_due", "answered"]


def test_somebody_who_switched_a_mail_off_does_not_get_it(world: World) -> None:
    writer, named = world.person(), reachable(world)
    world.inbox.mail.choose(world.token(named), [])
    world.inbox.add_note(world.token(writer), world.conversation(), f"@{named.login}")
    assert mails(world) == []
    assert world.inbox.mail.mine(world.token(named)).wanted == ()


def test_a_kind_that_cannot_be_chosen_is_refused(world: World) -> None:
    with pytest.raises(BadInput, match="password_link"):
        world.inbox.mail.choose(world.token(world.person()), ["password_link"])


def test_the_words_of_a_private_conversation_stay_out_of_mails(world: World) -> None:
    writer, named, number = reachable(world), reachable(world), world.conversation("Mijn geheim")
    private(world, number)
    world.inbox.add_note(world.token(writer), number, f"@{named.login} het gaat om een ziekte")
    world.inbox.assign(world.token(writer), number, named.id)
    assert len(mails(world)) == 2
    for mail in mails(world):
        assert "ziekte" not in mail.text + mail.html + mail.subject
        assert "geheim" not in mail.text + mail.html + mail.subject
        assert f"?c={number}" in mail.text


def test_without_an_address_nobody_is_told(world: World) -> None:
    writer, named = world.person(), world.person()
    world.inbox.add_note(world.token(writer), world.conversation(), f"@{named.login}")
    assert mails(world) == []
    assert world.inbox.mail.mine(world.token(named)).to is None


def test_without_mail_settings_nothing_is_queued(world: World) -> None:
    quiet = secured(world, can_mail=False)
    writer, named = reachable(quiet), reachable(quiet)
    quiet.inbox.add_note(quiet.token(writer), quiet.conversation(), f"@{named.login}")
    assert mails(quiet) == []
