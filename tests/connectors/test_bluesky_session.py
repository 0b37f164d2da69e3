"""The session with Bluesky: begun, renewed, kept, and refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.errors import (
    AuthDead,
    AuthExpired,
    FormatChanged,
    Transient,
)
from connectors.requests import HttpRequest
from tests.connectors.bluesky_posts import kept_login
from tests.connectors.test_bluesky_reading import NOW, answered, connector, logged_in, session, task


def test_before_the_first_login_no_answer_is_believed() -> None:
    made = connector(known=False)
    request = made.plan(task(made))
    assert isinstance(request, HttpRequest)
    assert "Authorization" not in request.headers
    with pytest.raises(AuthExpired):
        made.parse(task(made), answered(request, {"posts": []}))


def test_without_anything_to_log_in_with_a_person_is_asked() -> None:
    made = Bluesky(BlueskyOptions(terms=("acme",)))
    assert made.refresh() is None
    with pytest.raises(AuthDead, match="klankbord connect bluesky"):
        made.plan(task(made))


def test_the_session_names_the_server_that_is_spoken_to_and_when_it_ends() -> None:
    made = connector(known=False)
    assert made.login_ends_at() == datetime.fromtimestamp(0, UTC)
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    assert request.url == "https://bsky.social/xrpc/com.atproto.server.createSession"
    made.refreshed(answered(request, session()))
    assert made.login_ends_at() == NOW + timedelta(hours=2)
    asked = made.plan(task(made))
    assert isinstance(asked, HttpRequest)
    assert asked.url.startswith("https://home.example/xrpc/")


@pytest.mark.parametrize("endpoint", ["http://home.example", "ftp://x", "", "https://user@home.example", None])
def test_a_home_that_cannot_be_trusted_is_not_spoken_to(endpoint: Any) -> None:
    service = {"id": "#atproto_pds", "type": "x", "serviceEndpoint": endpoint}
    asked = (made := logged_in(didDoc={"service": [service, "x"]})).plan(task(made))
    assert isinstance(asked, HttpRequest)
    assert asked.url.startswith("https://bsky.social/xrpc/")


def test_a_renewed_login_is_rotated_and_kept_and_taken_by_another_process() -> None:
    made = logged_in()
    renewal = made.refresh()
    assert isinstance(renewal, HttpRequest)
    assert (renewal.method, renewal.json) == ("POST", None)
    assert renewal.headers["Authorization"] == "Bearer renewal-1"
    made.refreshed(answered(renewal, session(refreshJwt="renewal-2", accessJwt="a-2")))
    kept = made.login_to_keep()
    assert kept is not None
    other = Bluesky(BlueskyOptions(terms=("acme",)))
    other.login_taken(kept)
    following = other.refresh()
    assert isinstance(following, HttpRequest)
    assert following.headers["Authorization"] == "Bearer renewal-2"
    assert other.plan(task(other)) == made.plan(task(made))


def test_a_kept_login_of_another_account_than_the_configured_one_is_not_used() -> None:
    made = connector(known=False, handle="other.example")
    made.login_taken(kept_login())
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    assert request.url.endswith("createSession")


def test_a_session_that_ended_is_begun_anew_with_the_app_password() -> None:
    made = connector()
    renewal = made.refresh()
    assert isinstance(renewal, HttpRequest)
    with pytest.raises(Transient, match="begins a new one"):
        made.refreshed(answered(renewal, {"error": "ExpiredToken", "message": "Token has been revoked"}, 400))
    start = made.refresh()
    assert isinstance(start, HttpRequest)
    assert start.url.endswith("createSession")
    made.refreshed(answered(start, session()))
    assert made.login_ends_at() == NOW + timedelta(hours=2)


def test_a_session_that_ended_without_an_app_password_asks_for_a_person() -> None:
    made = Bluesky(BlueskyOptions())
    made.login_taken(kept_login())
    renewal = made.refresh()
    assert isinstance(renewal, HttpRequest)
    with pytest.raises(AuthDead, match="connect the account again"):
        made.refreshed(answered(renewal, {"error": "InvalidToken", "message": "no"}, 401))


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401, "app password"),
        ({"error": "AuthFactorTokenRequired", "message": "A sign in code has been sent"}, 401, "second factor"),
        ({"error": "AccountTakedown", "message": "x"}, 401, "taken down"),
    ],
)
def test_a_wrong_login_says_what_to_do(body: Any, code: int, words: str) -> None:
    made = connector(known=False)
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    with pytest.raises(AuthDead, match=words):
        made.refreshed(answered(request, body, code))


def test_an_answer_without_a_session_is_noticed() -> None:
    for body in ({}, session(did="jo"), session(accessJwt=None)):
        made = connector(known=False)
        request = made.refresh()
        assert isinstance(request, HttpRequest)
        with pytest.raises(FormatChanged):
            made.refreshed(answered(request, body))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.e30.c", "a." + "W10" + ".c"])
def test_a_token_whose_end_cannot_be_read_has_none(token: str) -> None:
    assert logged_in(accessJwt=token or "x").login_ends_at() is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"handle": "jo"},
        {"handle": "jo@mail.example"},
        {"service": "bsky.social"},
        {"service": "https://u:p@bsky.social"},
        {"own_accounts": ["acme.example"]},
        {"colour": "blue"},
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BlueskyOptions.model_validate(wrong)


def test_a_secret_is_in_no_request_that_is_shown() -> None:
    made = connector(known=False)
    assert "geheim" not in repr(made.options)
    assert "geheim" not in repr(made.refresh())
