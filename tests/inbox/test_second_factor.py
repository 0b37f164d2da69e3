"""The second factor: setting it up, signing in with it, losing it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox import passwords, people
from inbox.access import codes
from inbox.access.views import HalfWay
from inbox.errors import BadInput, CodeRefused, InboxError, NotAllowed, NotSignedIn, SealBroken, TooManyAttempts
from inbox.people_views import SignedIn
from inbox.permissions import Role
from inbox.secrecy import Secrecy
from inbox.settings import SignInSettings
from store.schema import recovery_code, user_account
from tests.inbox.accessing import HERE, KEY, PASSWORD, code_now, enrolled, joined, secured
from tests.inbox.conftest import World


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._decoy.cache_clear()


@pytest.fixture
def world(world: World) -> World:
    return secured(world)


def half_way(world: World) -> HalfWay:
    half = world.inbox.sign_in("jo", PASSWORD, address=HERE.address)
    assert isinstance(half, HalfWay)
    return half


def finish(world: World, ticket: str, code: str) -> SignedIn:
    session = world.inbox.access.finish_sign_in(ticket, code, browser=HERE).session
    assert session is not None
    return session


def test_with_a_second_factor_the_password_alone_opens_nothing(world: World) -> None:
    secret, recovery = enrolled(world, joined(world).token)
    assert len(set(recovery)) == codes.RECOVERY_CODES
    half = half_way(world)
    assert not half.must_enrol
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(half.ticket)
    session = finish(world, half.ticket, code_now(world, secret))
    assert world.inbox.current_user(session.token).login == "jo"


def test_a_code_works_once_even_within_its_half_minute(world: World) -> None:
    secret, _ = enrolled(world, joined(world).token)
    code = code_now(world, secret)
    finish(world, half_way(world).ticket, code)
    with pytest.raises(CodeRefused):
        finish(world, half_way(world).ticket, code)
    world.clock.step(timedelta(seconds=30))
    finish(world, half_way(world).ticket, code_now(world, secret))


def test_of_two_who_send_the_same_code_at_once_one_gets_in(world: World) -> None:
    secret, _ = enrolled(world, joined(world).token)
    tickets, code = [half_way(world).ticket for _ in range(4)], code_now(world, secret)
    entered: list[object] = []

    def try_it(ticket: str) -> None:
        try:
            entered.append(finish(world, ticket, code))
        except InboxError as problem:
            entered.append(problem.code)

    threads = [threading.Thread(target=try_it, args=(ticket,)) for ticket in tickets]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sum(isinstance(one, SignedIn) for one in entered) == 1, entered


def test_a_recovery_code_stands_in_once(world: World) -> None:
    _, recovery = enrolled(world, joined(world).token)
    finish(world, half_way(world).ticket, recovery[3].lower().replace("-", " "))
    with pytest.raises(CodeRefused):
        finish(world, half_way(world).ticket, recovery[3])
    session = finish(world, half_way(world).ticket, recovery[4])
    assert world.inbox.access.account(session.token).recovery_left == codes.RECOVERY_CODES - 2


def test_guessing_codes_is_slowed_down(world: World) -> None:
    secret, _ = enrolled(world, joined(world).token)
    ticket = half_way(world).ticket
    for guess in range(5):
        with pytest.raises(CodeRefused):
            finish(world, ticket, f"{guess:06d}")
    with pytest.raises(TooManyAttempts):
        finish(world, ticket, code_now(world, secret))
    world.clock.step(timedelta(minutes=1))
    finish(world, ticket, code_now(world, secret))


def test_a_ticket_ends_after_ten_minutes_with_the_password_and_with_the_person(world: World) -> None:
    session = joined(world)
    secret, _ = enrolled(world, session.token)
    old = half_way(world).ticket
    world.clock.step(timedelta(minutes=11))
    assert world.inbox.access.half_way(old) is None
    with pytest.raises(NotSignedIn):
        finish(world, old, code_now(world, secret))
    before = half_way(world).ticket
    world.inbox.access.change_password(session.token, old=PASSWORD, new="een heel andere zin nu")
    assert world.inbox.access.half_way(before) is None
    half = world.inbox.sign_in("jo", "een heel andere zin nu", address=HERE.address)
    assert isinstance(half, HalfWay)
    people.set_active(world.desk, session.user.id, active=False)
    assert world.inbox.access.half_way(half.ticket) is None


def test_a_one_time_link_does_not_go_around_it(world: World) -> None:
    session = joined(world)
    secret, _ = enrolled(world, session.token)
    made = people.make_sign_in_link(world.desk, session.user.id)
    half = world.inbox.use_link(made.token, "weer een andere zin hier", address=HERE.address)
    assert isinstance(half, HalfWay)
    finish(world, half.ticket, code_now(world, secret))


def test_a_role_that_demands_it_sets_it_up_on_the_way_in(world: World) -> None:
    joined(world, "boss", Role.ADMINISTRATOR)
    strict = secured(world, sign_in=SignInSettings(second_factor=(Role.ADMINISTRATOR,)))
    half = strict.inbox.sign_in("boss", PASSWORD, address=HERE.address)
    assert isinstance(half, HalfWay)
    assert half.must_enrol
    shown = strict.inbox.access.half_way_enrolment(half.ticket)
    assert strict.inbox.access.half_way_enrolment(half.ticket).secret == shown.secret, "a reload shows the same"
    with pytest.raises(CodeRefused):
        strict.inbox.access.finish_sign_in(half.ticket, "000000", browser=HERE)
    entered = strict.inbox.access.finish_sign_in(half.ticket, code_now(strict, shown.secret), browser=HERE)
    assert entered.session is not None
    assert len(entered.recovery_codes) == codes.RECOVERY_CODES
    assert strict.inbox.current_user(entered.session.token).login == "boss"
    assert isinstance(joined(strict, "sam"), SignedIn), "other roles come in as before"


def test_a_session_without_one_ends_when_the_role_demands_it(world: World) -> None:
    session = joined(world, "sam")
    strict = secured(world, sign_in=SignInSettings(second_factor=(Role.LEAD,)))
    assert strict.inbox.current_user(session.token).login == "sam"
    people.set_role(strict.desk, session.user.id, Role.LEAD)
    with pytest.raises(NotSignedIn):
        strict.inbox.current_user(session.token)


def test_an_administrator_resets_it_and_that_is_recorded(world: World) -> None:
    admin, agent = joined(world, "boss", Role.ADMINISTRATOR), joined(world)
    enrolled(world, agent.token)
    with pytest.raises(NotAllowed):
        world.inbox.access.reset_second_factor(agent.token, admin.user.id)
    world.inbox.access.reset_second_factor(admin.token, agent.user.id)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(agent.token)
    assert isinstance(world.inbox.sign_in("jo", PASSWORD, address=HERE.address), SignedIn)
    lines = world.inbox.access.record(admin.token, kind="second_factor").lines
    assert [(line.action, line.actor, line.object) for line in lines][:1] == [("second_factor_reset", "Boss", "Jo")]


def test_turning_it_off_and_new_recovery_codes_ask_for_a_code(world: World) -> None:
    token = joined(world).token
    secret, first = enrolled(world, token)
    with pytest.raises(CodeRefused):
        world.inbox.access.turn_off_second_factor(token, "123")
    fresh = world.inbox.access.renew_recovery_codes(token, code_now(world, secret))
    assert not set(fresh) & set(first)
    with pytest.raises(CodeRefused):
        world.inbox.access.turn_off_second_factor(token, first[0])
    with pytest.raises(BadInput):
        world.inbox.access.begin_second_factor(token)
    world.inbox.access.turn_off_second_factor(token, fresh[0])
    assert world.inbox.access.account(token).second_factor_since is None
    assert isinstance(world.inbox.sign_in("jo", PASSWORD, address=HERE.address), SignedIn)


def test_neither_secret_nor_recovery_codes_are_readable_in_the_database(world: World) -> None:
    secret, recovery = enrolled(world, joined(world).token)
    with world.store.read() as conn:
        kept = [repr(tuple(row)) for table in (user_account, recovery_code) for row in conn.execute(select(table))]
    plain = secret.replace(" ", "")
    assert not any(one in row for row in kept for one in (plain, *recovery, *(c.replace("-", "") for c in recovery)))


def test_with_another_key_it_says_so_and_a_reset_helps(world: World) -> None:
    session = joined(world)
    secret, _ = enrolled(world, session.token)
    other = secured(world, key="quite another key of thirty-two signs")
    half = other.inbox.sign_in("jo", PASSWORD, address=HERE.address)
    assert isinstance(half, HalfWay)
    with pytest.raises(SealBroken):
        other.inbox.access.finish_sign_in(half.ticket, code_now(world, secret), browser=HERE)


def test_a_sealed_secret_of_somebody_else_is_worth_nothing(world: World) -> None:
    jo, sam = joined(world), joined(world, "sam")
    enrolled(world, jo.token)
    secret, _ = enrolled(world, sam.token)
    with world.store.write() as conn:
        stolen = conn.execute(select(user_account.c.totp_secret).where(user_account.c.id == sam.user.id)).scalar()
        conn.execute(user_account.update().where(user_account.c.id == jo.user.id).values(totp_secret=stolen))
    with pytest.raises(SealBroken):
        finish(world, half_way(world).ticket, code_now(world, secret))


# --- pure -----------------------------------------------------------------------------------------------------------

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
# RFC 6238, appendix B: SHA-1, the secret "12345678901234567890", the last six of eight figures.
RFC = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("seconds", "code"), RFC)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert codes.code_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", codes.step_at(now)) == code


@given(now=INSTANTS, off=st.integers(-5, 5))
def test_only_codes_of_the_step_beside_now_are_taken(now: datetime, off: int) -> None:
    secret = codes.new_secret()
    step = codes.step_at(now) + off
    found = codes.matching_step(secret, codes.code_of(secret, step), now=now, used=None)
    assert (found == step) if abs(off) <= codes.DRIFT_STEPS else (found is None or abs(found - codes.step_at(now)) <= 1)


@given(now=INSTANTS, used=st.integers(-3, 3))
def test_a_used_step_and_earlier_ones_are_used_up(now: datetime, used: int) -> None:
    secret, here = codes.new_secret(), codes.step_at(now)
    found = codes.matching_step(secret, codes.code_of(secret, here), now=now, used=here + used)
    assert (found is None) if used >= 0 else (found is not None and found > here + used)


@given(text=st.text(max_size=40), now=INSTANTS)
def test_whatever_is_typed_as_code_is_answered(text: str, now: datetime) -> None:
    assert codes.matching_step("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", text, now=now, used=None) in {
        None,
        *range(codes.step_at(now) - 1, codes.step_at(now) + 2),
    }
    assert len(codes.recovery_digest(text, 1)) == 32


@given(plain=st.binary(max_size=300), other=st.sampled_from(["x", "second factor ", ""]))
def test_what_is_sealed_opens_for_its_purpose_only(plain: bytes, other: str) -> None:
    secrecy, now = Secrecy(lambda: (KEY,)), datetime(2026, 3, 10, tzinfo=UTC)
    sealed = secrecy.seal(plain, "second factor", now=now)
    assert plain == secrecy.unseal(sealed, "second factor", now=now)
    assert len(plain) < 8 or plain not in sealed
    with pytest.raises(SealBroken):
        secrecy.unseal(sealed, other, now=now)
    with pytest.raises(SealBroken):
        secrecy.unseal(sealed, "second factor", now=now + timedelta(seconds=61), within=timedelta(seconds=60))


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    old, both = Secrecy(lambda: ("o" * 32,)), Secrecy(lambda: ("n" * 32, "o" * 32))
    assert both.unseal(old.seal(b"x", "p", now=now), "p", now=now) == b"x"
    with pytest.raises(SealBroken):
        old.unseal(both.seal(b"x", "p", now=now), "p", now=now)
