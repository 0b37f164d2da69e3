"""Logging in to YouTube: options, kept logins, and the guided way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.connecting import Ask, Browse, Call, Choose, Connected, Returned, Tell, Tone
from connectors.contract import Task
from connectors.errors import (
    AuthDead,
    Forbidden,
    FormatChanged,
    Transient,
)
from connectors.requests import HttpRequest
from connectors.youtube import YouTube, YouTubeOptions
from connectors.youtube.guide import SCOPE, steps
from tests.connectors.test_youtube_reading import (
    KEPT,
    LOGIN,
    NOW,
    WINDOW,
    answered,
    connector,
    listing,
    refusal,
    with_key,
)
from tests.connectors.youtube_site import CHANNEL, OTHER


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "name what to read"),
        ({"channel_id": "@acme"}, "is no channel id"),
        ({"videos": ["https://youtu.be/x"]}, "is no video id"),
        ({"terms": ["acme"], "held": True}, "name channel_id"),
        ({"terms": ["acme"], "api_url": "ftp://x"}, "not an http"),
        ({"terms": ["acme"], "hide_as": "published"}, "heldForReview"),
    ],
)
def test_a_wrong_option_is_explained(options: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        YouTubeOptions.model_validate(options)


def test_a_secret_never_shows_and_the_key_stays_out_of_the_address() -> None:
    made = with_key()
    request = made.plan(Task("s", made.queries(())[0], WINDOW))
    assert "sleutel" not in repr(made.options)
    assert "sleutel" not in repr(request)
    assert all(value != "sleutel" for _, value in request.params)


def test_a_login_of_the_options_is_renewed_before_the_first_call_and_kept_with_its_end() -> None:
    made = YouTube(YouTubeOptions.model_validate({"channel_id": CHANNEL, **LOGIN}))
    ends = made.login_ends_at()
    assert ends is not None
    assert ends < NOW
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    assert ("grant_type", "refresh_token") in (request.form or ())
    made.refreshed(answered(request, {"access_token": "access-9", "expires_in": 3599}))
    assert made.login_ends_at() == NOW + timedelta(seconds=3599)
    kept = made.login_to_keep()
    assert kept is not None
    assert kept["access_token"] == "access-9"
    other = YouTube(YouTubeOptions.model_validate({"channel_id": CHANNEL}))
    other.login_taken(kept)
    assert dict(other.plan(Task("s", other.queries(())[0], WINDOW)).headers)["Authorization"] == "Bearer access-9"


def test_a_kept_login_of_another_account_than_the_configured_one_is_left_alone() -> None:
    made = YouTube(YouTubeOptions.model_validate({"channel_id": CHANNEL, **LOGIN, "refresh_token": "newer"}))
    made.login_taken(KEPT)
    assert "Authorization" not in made.plan(Task("s", made.queries(())[0], WINDOW)).headers


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, AuthDead),
        (401, {"error": "invalid_client"}, AuthDead),
        (503, b"<html>", Transient),
        (200, {"hello": "world"}, FormatChanged),
    ],
)
def test_a_login_that_cannot_be_renewed_says_what_to_do(status: int, body: Any, error: type[Exception]) -> None:
    made = connector()
    with pytest.raises(error):
        made.refreshed(answered(made.refresh(), body, status))


TYPED = {"client_id": " client ", "client_secret": "geheim"}


TOKENS = {"access_token": "a", "refresh_token": "r", "expires_in": 3599, "scope": SCOPE}


CHANNELS = listing({"id": CHANNEL, "snippet": {"title": "Acme"}}, kind="channelListResponse")


TWO = listing({"id": OTHER, "snippet": {"title": "Jo"}}, *CHANNELS["items"], kind="channelListResponse")


def connected(tokens: Any, channels: Any, threads: Any = None, status: int = 200) -> tuple[Connected, list[Tell]]:
    """Play the person, the browser and the platform."""
    walk, told = steps(), []
    step = next(walk)
    answers = iter([(tokens, 200), (channels, 200), (threads or listing(), status)])
    while True:
        try:
            if isinstance(step, Ask):
                assert {field.name for field in step.fields if field.secret} == {"client_secret"}
                step = walk.send(TYPED)
            elif isinstance(step, Browse):
                url = step.url("http://127.0.0.1:9/", "state", "challenge")
                assert "code_challenge=challenge" in url
                assert "access_type=offline" in url
                step = walk.send(Returned({"code": "c"}, "http://127.0.0.1:9/", "verifier"))
            elif isinstance(step, Call):
                body, code = next(answers)
                step = walk.send(answered(step.request, body, code))
            elif isinstance(step, Choose):
                step = walk.send((CHANNEL,))
            else:
                told.append(step)
                step = walk.send(None)
        except StopIteration as end:
            return end.value, told


def test_connecting_leaves_a_login_and_the_channel_and_says_what_will_work() -> None:
    for channels in (CHANNELS, TWO):
        made, told = connected(TOKENS, channels)
        assert made.options == {"channel_id": CHANNEL}
        assert made.account == "Acme"
        assert made.login["refresh_token"] == "r"
        assert made.login["client_id"] == "client"
        assert "geheim" not in repr(made)
        assert {tell.tone for tell in told} == {Tone.WORKS, Tone.LACKS, Tone.NOTE}
        left = YouTube(YouTubeOptions.model_validate(made.options))
        left.login_taken(made.login)
        assert left.refresh() is not None


def test_what_is_missing_after_connecting_is_told() -> None:
    _, told = connected(TOKENS, CHANNELS, refusal("accessNotConfigured", 403), 403)
    assert any("turn on YouTube Data API v3" in tell.text for tell in told if tell.tone is Tone.LACKS)


@pytest.mark.parametrize(
    ("tokens", "channels", "error", "says"),
    [
        ({**TOKENS, "scope": "openid"}, CHANNELS, Forbidden, "tick its box"),
        ({"access_token": "a", "scope": SCOPE}, CHANNELS, AuthDead, "no lasting login"),
        (TOKENS, listing(kind="channelListResponse"), AuthDead, "has no channel"),
        ({"error": "invalid_client"}, CHANNELS, AuthDead, "invalid_client"),
    ],
)
def test_connecting_that_fails_says_why(tokens: Any, channels: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        connected(tokens, channels)


def test_access_that_was_denied_in_the_browser_is_told() -> None:
    walk = steps()
    next(walk)
    walk.send(TYPED)
    with pytest.raises(Forbidden, match="access_denied"):
        walk.send(Returned({"error": "access_denied"}, "http://127.0.0.1:9/", "v"))
