"""People, sessions and sign-in."""

from __future__ import annotations

from datetime import timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox import passwords, people, sessions, throttle
from inbox.errors import BadInput, NotAllowed, NotFound, NotSignedIn, SignInRefused, TooManyAttempts
from inbox.permissions import PERMISSIONS, Permission, Role, permissions_of
from inbox.views import View
from store.schema import sign_in_attempt, sign_in_link, user_account, user_session
from tests.inbox.conftest import World

PASSWORD = "een zin om te onthouden"
HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    # The cost of a hash is the library's business; twenty sign-ins at full cost are seconds.
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._decoy.cache_clear()


def joined(world: World, role: Role = Role.AGENT, login: str = "jo") -> str:
    made = people.add(world.desk, login=login, name="Jo", role=role)
    return world.inbox.use_link(made.token, PASSWORD, address=HERE).token


def test_a_link_sets_the_password_once_and_signs_in(world: World) -> None:
    made = people.add(world.desk, login=" Jo@Shop.example ", name="Jo", role=Role.AGENT)
    link = world.inbox.look_at_link(made.token)
    assert link is not None
    assert (link.login, link.name) == ("jo@shop.example", "Jo")
    signed_in = world.inbox.use_link(made.token, PASSWORD, address=HERE)
    assert world.inbox.current_user(signed_in.token).login == "jo@shop.example"
    assert world.inbox.look_at_link(made.token) is None
    with pytest.raises(SignInRefused):
        world.inbox.use_link(made.token, PASSWORD, address=HERE)
    assert world.inbox.sign_in("JO@shop.example", PASSWORD, address=HERE).user.name == "Jo"


def test_a_link_expires_and_a_newer_one_replaces_it(world: World) -> None:
    made = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT)
    newer = people.make_sign_in_link(world.desk, made.user.id)
    assert world.inbox.look_at_link(made.token) is None
    world.clock.step(people.LINK_VALID)
    with pytest.raises(SignInRefused):
        world.inbox.use_link(newer.token, PASSWORD, address=HERE)


def test_a_poor_password_is_refused_and_the_link_stays_good(world: World) -> None:
    made = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT)
    for poor in ("short", "aaaaaaaaaaaaaaaa", "jojojojojojojojo", "x" * 300):
        with pytest.raises(BadInput):
            world.inbox.use_link(made.token, poor, address=HERE)
    world.inbox.use_link(made.token, PASSWORD, address=HERE)


def test_only_hashes_of_secrets_are_kept(world: World) -> None:
    made = people.add(world.desk, login="jo", name="Jo", role=Role.AGENT)
    token = world.inbox.use_link(made.token, PASSWORD, address=HERE).token
    with world.store.read() as conn:
        kept = [
            repr(tuple(row))
            for table in (user_account, user_session, sign_in_link, sign_in_attempt)
            for row in conn.execute(select(table))
        ]
        counted = [repr(tuple(row)) for row in conn.execute(select(sign_in_attempt))]
    assert not any(secret in row for row in kept for secret in (made.token, token, PASSWORD))
    assert not any(HERE in row for row in counted)
    assert made.token not in repr(made)


def test_wrong_unknown_and_disabled_get_one_answer(world: World) -> None:
    joined(world, login="jo")
    joined(world, login="gone")
    people.set_active(world.desk, people.find(world.desk, "gone").id, active=False)
    people.add(world.desk, login="nopassword", name="N", role=Role.AGENT)
    answers = set()
    for login, password in (("jo", "wrong"), ("who", PASSWORD), ("gone", PASSWORD), ("nopassword", "")):
        with pytest.raises(SignInRefused) as refused:
            world.inbox.sign_in(login, password, address=HERE)
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_an_unknown_login_takes_as_long_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch) -> None:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=4, memory_cost=4_096, parallelism=1))
    passwords._decoy.cache_clear()
    known = passwords.hashed(PASSWORD)
    passwords.fits(None, "warm")

    def spent(kept: str | None) -> float:
        times = []
        for _ in range(5):
            start = process_time()
            passwords.fits(kept, "wrong")
            times.append(process_time() - start)
        return min(times)

    assert 0.4 < spent(None) / spent(known) < 2.5


def test_guessing_one_login_is_slowed_down_and_the_right_password_waits_too(world: World) -> None:
    joined(world)
    for number in range(throttle.FREE_PER_LOGIN):
        with pytest.raises(SignInRefused):
            world.inbox.sign_in("jo", "wrong", address=f"10.0.0.{number}")
    with pytest.raises(TooManyAttempts) as slowed:
        world.inbox.sign_in("Jo ", PASSWORD, address="10.9.9.9")
    world.clock.step(seconds=slowed.value.seconds)
    world.inbox.sign_in("jo", PASSWORD, address="10.9.9.9")
    with pytest.raises(SignInRefused):
        world.inbox.sign_in("jo", "wrong", address="10.9.9.9")


def test_guessing_from_one_address_is_slowed_down_over_all_logins(world: World) -> None:
    for number in range(throttle.FREE_PER_ADDRESS):
        with pytest.raises(SignInRefused):
            world.inbox.sign_in(f"who{number}", "wrong", address=HERE)
    with pytest.raises(TooManyAttempts):
        world.inbox.sign_in("another", "wrong", address=HERE)
    with pytest.raises(TooManyAttempts):
        world.inbox.use_link("guess", PASSWORD, address=HERE)
    with pytest.raises(SignInRefused):
        world.inbox.sign_in("another", "wrong", address="10.0.0.1")


@given(st.lists(st.floats(0, 2000), max_size=30), st.integers(0, 10))
def test_waiting_never_exceeds_ten_minutes_and_ends(ages: list[float], free: int) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 10, tzinfo=UTC)
    failures = [now - timedelta(seconds=age) for age in ages]
    wait = throttle.wait_s(failures, free=free, now=now)
    assert 0 <= wait <= 600
    assert throttle.wait_s(failures, free=free, now=now + timedelta(seconds=wait)) == 0


def test_a_session_ends_by_signing_out_by_idleness_and_by_age(world: World) -> None:
    token = joined(world)
    world.inbox.sign_out(token)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(token)
    world.inbox.sign_out(token)

    idle = world.inbox.sign_in("jo", PASSWORD, address=HERE).token
    world.clock.step(sessions.IDLE)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(idle)

    busy = world.inbox.sign_in("jo", PASSWORD, address=HERE).token
    for _ in range(29):
        world.inbox.current_user(busy)
        world.clock.step(sessions.IDLE - timedelta(minutes=1))
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(busy)


@pytest.mark.parametrize("token", [None, "", "x", "é" * 50, "a" * 10_000, "' OR 1=1 --"])
def test_a_token_that_is_none_is_refused(world: World, token: str | None) -> None:
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(token)


def test_signing_out_in_one_tab_counts_in_the_other_from_the_next_action(world: World) -> None:
    row_id = world.conversation()
    token = joined(world)
    world.inbox.claim(token, row_id)
    world.inbox.sign_out(token)
    with pytest.raises(NotSignedIn):
        world.inbox.resolve(token, row_id)
    assert world.row(row_id).status == "open"


def test_a_withdrawn_role_and_a_disabled_user_count_from_the_next_action(world: World) -> None:
    row_id = world.conversation()
    admin = joined(world, Role.ADMINISTRATOR, "boss")
    token = joined(world)
    jo = world.inbox.current_user(token)
    world.inbox.people.set_role(admin, jo.id, Role.READ_ONLY)
    with pytest.raises(NotAllowed):
        world.inbox.claim(token, row_id)
    world.inbox.listing(token, View.NEW)
    world.inbox.people.set_active(admin, jo.id, active=False)
    with pytest.raises(NotSignedIn):
        world.inbox.listing(token, View.NEW)
    world.inbox.people.set_active(admin, jo.id, active=True)
    with pytest.raises(NotSignedIn):
        world.inbox.listing(token, View.NEW)


def test_a_new_password_ends_earlier_sessions(world: World) -> None:
    token = joined(world)
    link = people.make_sign_in_link(world.desk, world.inbox.current_user(token).id)
    world.inbox.use_link(link.token, "een heel andere zin", address=HERE)
    with pytest.raises(NotSignedIn):
        world.inbox.current_user(token)
    with pytest.raises(SignInRefused):
        world.inbox.sign_in("jo", PASSWORD, address=HERE)


def test_signing_out_everywhere_ends_all_sessions(world: World) -> None:
    first = joined(world)
    second = world.inbox.sign_in("jo", PASSWORD, address=HERE).token
    assert world.inbox.sign_out_everywhere(first) == 2
    for token in (first, second):
        with pytest.raises(NotSignedIn):
            world.inbox.current_user(token)


def test_the_first_administrator_is_made_once_and_gets_a_link_until_it_is_used(world: World) -> None:
    first = people.first_administrator(world.desk)
    again = people.first_administrator(world.desk)
    assert first is not None
    assert again is not None
    assert first.user == again.user
    world.inbox.use_link(again.token, PASSWORD, address=HERE)
    assert people.first_administrator(world.desk) is None


def test_the_last_administrator_stays_one(world: World) -> None:
    token = joined(world, Role.ADMINISTRATOR, "boss")
    boss = world.inbox.current_user(token)
    for change in (
        lambda: world.inbox.people.set_role(token, boss.id, Role.AGENT),
        lambda: world.inbox.people.set_active(token, boss.id, active=False),
    ):
        with pytest.raises(BadInput, match="last administrator"):
            change()
    joined(world, Role.ADMINISTRATOR, "second")
    world.inbox.people.set_role(token, boss.id, Role.AGENT)


def test_people_are_managed_by_administrators_only_and_it_is_recorded(world: World) -> None:
    admin, agent = joined(world, Role.ADMINISTRATOR, "boss"), joined(world)
    for refused in (
        lambda: world.inbox.people.users(agent),
        lambda: world.inbox.people.add(agent, login="x", name="X", role=Role.ADMINISTRATOR),
        lambda: world.inbox.people.reset_link(agent, 1),
        lambda: world.inbox.access.record(agent),
    ):
        with pytest.raises(NotAllowed):
            refused()
    made = world.inbox.people.add(admin, login="sam", name="Sam", role=Role.LEAD, team_id="webcare")
    world.inbox.people.set_team(admin, made.user.id, "night")
    assert {user.login for user in world.inbox.people.users(admin)} == {"boss", "jo", "sam"}
    lines = world.inbox.access.record(admin).lines
    assert [line.action for line in lines[:3]] == ["team_set", "link_made", "user_added"]
    assert lines[0].actor == "Jo"
    assert lines[0].object == "Sam"


@pytest.mark.parametrize("login", ["", "a b", "-x", "<script>", "x" * 101, "jo"])
def test_a_login_that_cannot_be_used_is_refused(world: World, login: str) -> None:
    joined(world)
    with pytest.raises(BadInput):
        people.add(world.desk, login=login, name="X", role=Role.AGENT)


def test_an_unknown_user_is_told_so(world: World) -> None:
    with pytest.raises(NotFound):
        people.find(world.desk, "nobody")
    with pytest.raises(NotFound):
        people.make_sign_in_link(world.desk, 1)


def test_every_role_has_its_line_in_the_one_table() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert all(Permission.READ in granted for granted in PERMISSIONS.values())
    assert PERMISSIONS[Role.ADMINISTRATOR] == set(Permission)
    assert permissions_of("made up") == frozenset()


def test_the_language_of_the_screens_is_kept(world: World) -> None:
    token = joined(world)
    world.inbox.set_language(token, "nl")
    assert world.inbox.current_user(token).language == "nl"
    with pytest.raises(BadInput):
        world.inbox.set_language(token, "xx")


def test_colleagues_of_one_name_are_told_apart_by_their_login_in_menus(world: World) -> None:
    one, other, third = (world.person(name=name) for name in ("Jan Vos", "Jan Vos", "Piet Vis"))
    offered = world.inbox.choices(world.token(one)).people
    assert {each.name for each in offered} == {f"Jan Vos ({one.login})", f"Jan Vos ({other.login})", third.name}
