"""Tokens: who is let in, with what, how long, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox import people
from inbox.access import record
from inbox.errors import BadInput, NotFound
from inbox.permissions import Role
from inbox.programs import mentions
from inbox.programs.mentions import Asked, Ended
from inbox.tokens import keeping
from inbox.tokens.checking import look
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer, Standing, Wish
from inbox.views import Filters
from store.schema import api_token
from tests.web.outside import Outside, refused
from web.api.settings import ApiSettings

S = Scope


def test_a_program_without_a_token_is_told_how_to_get_one(outside: Outside) -> None:
    answer = outside.program("").get("/mentions")
    assert "klb_" in refused(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "wrong", ["klb_", "x" * 4_000, "klb_" + "0" * 12 + "_" + "A" * 43, "%00", "klb_é", "Bearer klb_1"]
)
def test_what_is_no_token_is_refused_whatever_it_is(outside: Outside, wrong: str) -> None:
    refused(outside.program(wrong).get("/mentions"), 401)


def test_a_token_whose_end_differs_is_no_token(outside: Outside) -> None:
    good = outside.token()
    other = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert look(outside.desk, other) is None
    refused(outside.program(other).get("/mentions"), 401)


def test_nothing_that_is_kept_gives_a_token_back(outside: Outside) -> None:
    secret = outside.token()
    with outside.store.read() as conn:
        (row,) = conn.execute(select(api_token)).mappings()
    kept = repr(dict(row))
    assert secret not in kept
    assert secret.rsplit("_", 1)[1] not in kept
    assert len(row["token_sha256"]) == 32


def test_a_revoked_token_is_refused_at_the_next_call_also_in_the_middle_of_a_list(outside: Outside) -> None:
    outside.say("1", "2", "3")
    program = outside.program()
    first = program.get("/mentions", limit=1).json()
    (made,) = keeping.listing(outside.desk)
    keeping.revoke(outside.desk, made.id)
    said = refused(program.get("/mentions", limit=1, cursor=first["next"]), 401)
    assert "revoked" in said


def test_lines_end_in_the_middle_when_their_token_is_revoked(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "_LOOK_EVERY", 2)
    monkeypatch.setattr(mentions, "_CHUNK", 1)
    outside.say(*(str(number) for number in range(9)))
    outside.settle()
    secret = outside.token()
    bearer = look(outside.desk, secret)
    assert isinstance(bearer, Bearer)

    def still_good() -> bool:
        return isinstance(look(outside.desk, secret), Bearer)

    pieces = mentions.lines(outside.desk, bearer, Asked(Filters()), after=0, still_good=still_good).pieces
    next(pieces)
    keeping.revoke(outside.desk, bearer.id)
    with pytest.raises(Ended):
        list(pieces)


def test_a_token_ends_when_its_days_are_over(outside: Outside) -> None:
    program = outside.program(outside.token(S.READ_MENTIONS, days=1))
    outside.clock.step(hours=23, minutes=59)
    assert program.get("/mentions").status_code == 200
    outside.clock.step(minutes=1)
    assert "expired" in refused(program.get("/mentions"), 401)


def test_a_token_of_somebody_who_left_is_refused(outside: Outside) -> None:
    people.first_administrator(outside.desk)
    admin = people.add(outside.desk, login="sanne", name="Sanne", role=Role.ADMINISTRATOR).user.id
    made = keeping.make(outside.desk, Wish("hers", (S.READ_MENTIONS,), 30), actor_id=admin)
    bearer = look(outside.desk, made.secret)
    assert isinstance(bearer, Bearer)
    assert bearer.person == str(admin)
    people.set_active(outside.desk, admin, active=False)
    assert look(outside.desk, made.secret) is Standing.MAKER_GONE
    assert "no access" in refused(outside.program(made.secret).get("/brands"), 401)


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/mentions", S.READ_MENTIONS),
        ("/mentions.jsonl", S.READ_MENTIONS),
        ("/mentions/1", S.READ_MENTIONS),
        ("/conversations/1/mentions", S.READ_MENTIONS),
        ("/brands", S.READ_MENTIONS),
        ("/themes", S.READ_MENTIONS),
        ("/sources", S.READ_MENTIONS),
        ("/conversations", S.READ_WORK),
        ("/conversations/1", S.READ_WORK),
        ("/events", S.READ_WORK),
    ],
)
def test_a_route_asks_for_its_scope_and_for_no_other(outside: Outside, path: str, scope: Scope) -> None:
    others = tuple(one for one in Scope if one not in {scope, S.WRITE_MENTIONS})
    answer = outside.program(outside.token(*others)).get(path)
    assert scope in refused(answer, 403)
    assert f'scope="{scope}"' in answer.headers["www-authenticate"]
    assert outside.program(outside.token(scope)).get(path).status_code in {200, 404}


def test_a_token_that_only_reads_pushes_nothing(outside: Outside) -> None:
    refused(outside.program().push({"external_id": "1", "text": "Hoi"}), 403)


def test_a_token_that_calls_too_often_is_told_when_to_go_on(outside: Outside) -> None:
    slow = Outside(outside.store, outside.clock, ApiSettings(per_minute=1, burst=2))
    program, other = slow.program(), slow.program()
    left = [program.get("/brands").headers["ratelimit"] for _ in range(2)]
    assert [one.split(";")[1] for one in left] == ["r=1", "r=0"]
    answer = program.get("/brands")
    assert "Go on in" in refused(answer, 429)
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["ratelimit-policy"] == '"token";q=1;w=60'
    assert other.get("/brands").status_code == 200  # each token has its own


def test_use_is_written_down_but_not_with_every_call(outside: Outside) -> None:
    program = outside.program()
    program.get("/brands")
    first = keeping.listing(outside.desk)[0].last_used_at
    assert first == outside.clock()
    outside.clock.step(timedelta(minutes=1))
    program.get("/brands")
    assert keeping.listing(outside.desk)[0].last_used_at == first
    outside.clock.step(timedelta(minutes=10))
    program.get("/brands")
    assert keeping.listing(outside.desk)[0].last_used_at == outside.clock()


@pytest.mark.parametrize(
    "wish",
    [
        Wish("", (S.READ_MENTIONS,), 30),
        Wish(" \n\x00\u202e"[:3], (S.READ_MENTIONS,), 30),
        Wish("n" * 100_000, (S.READ_MENTIONS,), 30),
        Wish("n", (), 30),
        Wish("n", (S.READ_MENTIONS,), 0),
        Wish("n", (S.READ_MENTIONS,), 100_000),
        Wish("n", (S.WRITE_MENTIONS,), 30),
        Wish("n", (S.READ_MENTIONS,), 30, brand_ids=("nope",)),
        Wish("n", (S.READ_MENTIONS,), 30, source_ids=("nope",)),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_words(outside: Outside, wish: Wish) -> None:
    with pytest.raises(BadInput):
        keeping.make(outside.desk, wish)
    assert keeping.listing(outside.desk) == ()


def test_making_and_revoking_stand_in_the_record(outside: Outside) -> None:
    made = keeping.make(outside.desk, Wish("🙂 nachtelijk", (S.READ_MENTIONS,), 30))
    keeping.revoke(outside.desk, made.view.id)
    with pytest.raises(NotFound):
        keeping.revoke(outside.desk, made.view.id)
    lines = record.page(outside.desk, kind="tokens").lines
    assert [line.action for line in lines] == ["token_revoked", "token_made"]
    assert all(line.params["name"] == "🙂 nachtelijk" for line in lines)


def test_figures_ask_for_a_token_only_where_they_were_told_to(outside: Outside) -> None:
    assert outside.program("").ask("GET", "/metrics").status_code == 200
    closed = Outside(outside.store, outside.clock, ApiSettings(metrics_token=True))
    assert closed.program("").ask("GET", "/metrics").status_code == 401
    assert closed.program(closed.token(S.READ_MENTIONS)).ask("GET", "/metrics").status_code == 401
    assert closed.program(closed.token(S.METRICS)).ask("GET", "/metrics").status_code == 200
    assert closed.program("").ask("GET", "/healthz").status_code == 200
