"""The guard inside the outbox, on both engines: nothing goes around it, and what was taken back is a draft again."""

from __future__ import annotations

from typing import Any

import pytest

from inbox.errors import NeedsASecondLook
from inbox.permissions import Role
from inbox.views import Done
from inbox.writing.views import Mode
from store.schema import mention, outbox
from tests.inbox.conftest import World

ABLE: dict[str, Any] = {"can_reply": True, "can_narrow": True, "max_length": 500}
PERSONAL = "We bellen je op 06-12345678"


def answerable(world: World) -> int:
    number = world.conversation()
    with world.store.write() as conn:
        conn.execute(mention.update().where(mention.c.conversation_id == number).values(capabilities=ABLE))
    return number


def send(world: World, token: str, number: int, text: str, **more: Any) -> Done:
    return world.inbox.replies.send(token, number, text=text, version=world.row(number).version, **more)


def waiting(world: World) -> list[str]:
    with world.store.read() as conn:
        return [row.text for row in conn.execute(outbox.select().where(outbox.c.state != "cancelled"))]


def test_personal_data_in_a_public_answer_needs_a_second_yes_which_is_recorded(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    with pytest.raises(NeedsASecondLook) as refused:
        send(world, token, number, PERSONAL)
    assert refused.value.to_confirm == {"phone"}
    assert waiting(world) == []
    with pytest.raises(NeedsASecondLook):
        send(world, token, number, f"{PERSONAL}, rekening NL91ABNA0417164300", confirmed=["phone"])
    send(world, token, number, PERSONAL, confirmed=["phone"])
    assert waiting(world) == [PERSONAL]
    assert world.events(number)[-1].after["facts"]["confirmed"] == ["phone"]


def test_a_private_answer_may_hold_personal_data(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    send(world, token, number, PERSONAL, visibility="private")
    assert "confirmed" not in world.events(number)[-1].after["facts"]


def test_an_answer_with_a_gap_is_refused_whatever_is_confirmed(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    with pytest.raises(NeedsASecondLook) as refused:
        send(world, token, number, "Hoi {first_name}, dank je", confirmed=["gap"])
    assert refused.value.to_confirm is None
    assert waiting(world) == []


def test_an_approver_who_changes_the_text_is_guarded_too(world: World) -> None:
    specialist, lead = world.token(world.person(Role.SPECIALIST)), world.token(world.person(Role.LEAD))
    number = answerable(world)
    done = send(world, specialist, number, "We bellen je")
    with pytest.raises(NeedsASecondLook):
        world.inbox.replies.approve(lead, done.params["outbox_id"], text=PERSONAL)
    world.inbox.replies.approve(lead, done.params["outbox_id"], text=PERSONAL, confirmed=["phone"])
    assert waiting(world) == [PERSONAL]


def draft(world: World, token: str, number: int) -> str:
    found = world.inbox.writing.drafts(token, number).of(Mode.REPLY)
    return "" if found is None else found.text


def test_an_answer_that_is_undone_is_a_draft_again(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    done = send(world, token, number, "Hoi Piet")
    world.inbox.writing.sent(token, number, mode=Mode.REPLY)
    assert draft(world, token, number) == ""
    world.inbox.undo(token, done.event_id or 0)
    assert draft(world, token, number) == "Hoi Piet"


def test_what_was_typed_meanwhile_stays_behind_the_answer_that_came_back(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    done = send(world, token, number, "Hoi Piet")
    save = world.inbox.writing.save_draft
    save(token, number, mode=Mode.REPLY, text="En nog iets", rev=9, version=1)
    world.inbox.replies.cancel(token, done.params["outbox_id"])
    assert draft(world, token, number) == "Hoi Piet\n\nEn nog iets"


def test_a_rejected_answer_comes_back_to_its_author_and_not_to_who_cancels_it(world: World) -> None:
    specialist, lead = world.token(world.person(Role.SPECIALIST)), world.token(world.person(Role.LEAD))
    number = answerable(world)
    done = send(world, specialist, number, "We beloven alles")
    world.inbox.replies.reject(lead, done.params["outbox_id"], reason="Beloof niets")
    world.inbox.replies.cancel(lead, done.params["outbox_id"])
    assert draft(world, specialist, number) == "We beloven alles"
    assert draft(world, lead, number) == ""


def test_the_template_of_an_answer_that_went_out_counts_as_used(world: World) -> None:
    token, number = world.token(world.person()), answerable(world)
    made = world.inbox.writing.save_template(token, None, name="Groet", text="Hoi")
    send(world, token, number, "Hoi", template_id=made.id)
    world.inbox.writing.sent(token, number, mode=Mode.REPLY, template_id=made.id)
    assert world.inbox.writing.templates(token)[0].n_used == 1
