"""The table of the outbox: what may follow what, and what the list shows."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import OutboxRefused
from inbox.replying.states import MOVES, NEEDS_A_PERSON, ON_THE_WAY, By, State, check, shown


@dataclass(frozen=True)
class Row:
    state: str
    kind: str = "reply"


def test_what_is_sent_or_taken_back_stays_so() -> None:
    assert not [before for before, _ in MOVES if before in {State.SENT, State.CANCELLED}]


def test_what_may_stand_on_the_platform_is_never_simply_taken_back_by_a_person() -> None:
    for state in (State.SENDING, State.UNKNOWN, State.HELD, State.SENT):
        with pytest.raises(OutboxRefused):
            check(state, State.CANCELLED, By.AUTHOR)


def test_only_the_worker_begins_to_send_and_only_from_the_queue() -> None:
    assert {before: by for (before, after), by in MOVES.items() if after is State.SENDING} == {
        State.QUEUED: frozenset({By.WORKER})
    }


def test_every_state_but_the_last_ones_can_end() -> None:
    ends = {State.SENT, State.CANCELLED}
    reached = set(ends)
    while more := {before for before, after in MOVES if after in reached} - reached:
        reached |= more
    assert reached == set(State)


@given(st.sampled_from(State), st.sampled_from(State), st.sampled_from(By))
def test_a_refusal_is_a_sentence(before: State, after: State, by: By) -> None:
    if by in MOVES.get((before, after), ()):
        check(before, after, by)
        return
    with pytest.raises(OutboxRefused) as caught:
        check(before, after, by)
    assert str(caught.value).endswith(".")


@given(st.lists(st.sampled_from(State), max_size=6))
def test_the_list_tells_what_is_on_its_way_and_trouble_until_something_newer_was_sent(states: list[State]) -> None:
    told = shown([Row(state) for state in states])
    after_sent = states[len(states) - states[::-1].index(State.SENT) :] if State.SENT in states else states
    if any(state in ON_THE_WAY for state in after_sent):
        assert told in {*ON_THE_WAY} - {State.SENDING}
    elif any(state in NEEDS_A_PERSON for state in after_sent):
        assert told in NEEDS_A_PERSON
    else:
        assert told is None


def test_likes_are_not_told_as_answers() -> None:
    assert shown([Row("queued", "like"), Row("failed", "delete_own")]) is None
