"""The table of moves, and what a customer's message does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import MoveRefused
from inbox.states import CLOSED_STATES, MOVES, By, Inbound, Status, decide, moves_from, on_inbound

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
PAIRS = [(before, after, by) for before in Status for after in Status for by in By]


@pytest.mark.parametrize(("before", "after", "by"), PAIRS)
def test_every_move_is_allowed_exactly_when_the_table_says_so(before: Status, after: Status, by: By) -> None:
    if by in MOVES.get((before, after), ()):
        decision = decide(before, after, by, reason="because")
        assert (decision.before, decision.after) == (before, after)
        assert decision.new_cycle == (before in CLOSED_STATES)
    else:
        with pytest.raises(MoveRefused):
            decide(before, after, by, reason="because")


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_ignoring_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(MoveRefused, match="why"):
        decide("new", "ignored", By.AGENT, reason=reason)


def test_resolving_unanswered_says_that_no_answer_was_needed() -> None:
    assert decide("new", "resolved", By.AGENT).reason == "no_answer_needed"
    assert decide("open", "resolved", By.AGENT, answered=True).reason is None
    assert decide("open", "resolved", By.AGENT, reason=" spoken by phone ").reason == "spoken by phone"


def test_a_refused_move_tells_what_is_possible() -> None:
    with pytest.raises(MoveRefused, match="possible now: new"):
        decide("spam", "resolved", By.AGENT)


def test_an_unknown_state_is_refused_not_crashed_on() -> None:
    with pytest.raises(MoveRefused):
        decide("new", "nonsense", By.AGENT)


@pytest.mark.parametrize("status", ["waiting_customer", "snoozed"])
def test_a_customer_who_writes_opens_what_waited(status: str) -> None:
    decision = on_inbound(status, closed_at=None, messages=[Inbound(NOON, mere_thanks=True)])
    assert decision is not None
    assert decision.after is Status.OPEN
    assert not decision.new_cycle


@pytest.mark.parametrize("status", sorted(CLOSED_STATES))
@pytest.mark.parametrize(
    ("hours", "thanks", "reopens"), [(1, True, False), (48, True, False), (48.01, True, True), (1, False, True)]
)
def test_a_closed_one_reopens_unless_it_is_a_mere_thank_you_within_48_hours(
    status: Status, hours: float, thanks: bool, reopens: bool
) -> None:
    message = Inbound(NOON + timedelta(hours=hours), mere_thanks=thanks)
    decision = on_inbound(status, closed_at=NOON, messages=[message])
    assert (decision is not None) == reopens
    if decision is not None:
        assert decision.new_cycle


def test_a_complaint_among_thank_yous_reopens() -> None:
    messages = [Inbound(NOON, mere_thanks=True), Inbound(NOON, mere_thanks=False)]
    assert on_inbound("resolved", closed_at=NOON, messages=messages) is not None


@pytest.mark.parametrize("status", ["spam", "new", "open", "waiting_internal"])
def test_other_states_stay_when_the_customer_writes(status: str) -> None:
    assert on_inbound(status, closed_at=None, messages=[Inbound(NOON, mere_thanks=False)]) is None


@given(st.lists(st.tuples(st.sampled_from(Status), st.sampled_from(By)), max_size=30))
def test_no_sequence_of_wishes_leaves_the_table(wishes: list[tuple[Status, By]]) -> None:
    status, cycle = Status.NEW, 1
    for wish, by in wishes:
        offered = moves_from(status, by)
        try:
            decision = decide(status, wish, by, reason="r")
        except MoveRefused:
            assert wish not in offered
            continue
        assert wish in offered
        assert decision.new_cycle == (status in CLOSED_STATES and wish is Status.OPEN)
        cycle += decision.new_cycle
        status = decision.after
    assert cycle >= 1


def test_every_state_can_be_left() -> None:
    for status in Status:
        assert moves_from(status, By.AGENT), status
