"""Logging in to Reddit: options, kept logins, and the guided way."""

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
from connectors.reddit import Reddit, RedditOptions
from connectors.reddit.guide import SCOPES, steps
from connectors.requests import HttpRequest
from tests.connectors.reddit_site import OURS
from tests.connectors.test_reddit_reading import APP, FEED, NOW, WINDOW, answered, atom, connector


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"terms": ["acme"]}, "needs a contract"),
        ({"approved": True, "terms": ["acme"]}, "name our account"),
        (APP, "name what to read"),
        ({**FEED, "inbox": True}, "approved app"),
        ({**APP, "subreddits": ["a b"]}, "no name of a subreddit"),
        ({**APP, "terms": ["x"], "account_id": "acme"}, "no id of an account"),
        ({**APP, "terms": ["x"], "username": "a/b"}, "no name of an account"),
        ({**APP, "terms": ["x"], "api_url": "ftp://x"}, "not an http"),
    ],
)
def test_a_wrong_option_is_explained(options: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RedditOptions.model_validate(options)


def test_a_secret_never_shows() -> None:
    made = connector()
    assert "geheim" not in repr(made.options)
    by_feed = Reddit(RedditOptions.model_validate(FEED))
    request = by_feed.plan(Task("s", by_feed.queries(())[0], WINDOW))
    assert "f33d" not in repr(request)
    assert "f33d" not in repr(by_feed.options)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"error": "invalid_grant"}, AuthDead),
        (400, {"error": "unsupported_grant_type"}, AuthDead),
        (401, {"message": "Unauthorized", "error": 401}, AuthDead),
        (503, b"<html>", Transient),
        (200, {}, FormatChanged),
    ],
)
def test_a_login_that_cannot_be_renewed_says_what_to_do(status: int, body: Any, error: type[Exception]) -> None:
    made = connector()
    with pytest.raises(error):
        made.refreshed(answered(made.refresh(), body, status))


def test_a_renewed_login_is_kept_with_its_end_and_an_app_alone_can_read() -> None:
    made = connector()
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    assert request.form == (("grant_type", "refresh_token"), ("refresh_token", "refresh-1"))
    made.refreshed(answered(request, {"access_token": "access-9", "expires_in": 86400, "scope": "*"}))
    assert made.login_ends_at() == NOW + timedelta(days=1)
    assert (made.login_to_keep() or {})["access_token"] == "access-9"
    alone = Reddit(RedditOptions.model_validate({**APP, "terms": ["acme"]})).refresh()
    assert isinstance(alone, HttpRequest)
    assert alone.form == (("grant_type", "client_credentials"),)


TYPED = {
    "client_id": "app",
    "client_secret": "geheim",
    "username": "u/acme_helpt",
    "redirect_uri": "http://localhost:8080",
    "subreddits": "r/klankbord, nederland",
    "feed_user": "acme_helpt",
    "feed_token": "f33d",
}


TOKENS = {"access_token": "a", "refresh_token": "r", "expires_in": 86400, "scope": " ".join(SCOPES)}


def connected(approved: str, *answers: tuple[Any, int]) -> tuple[Connected, list[Tell]]:
    """Play the person, the browser and the platform."""
    walk, told = steps(), []
    step, left = next(walk), iter(answers)
    while True:
        try:
            if isinstance(step, Ask):
                step = walk.send({field.name: TYPED[field.name] for field in step.fields})
            elif isinstance(step, Choose):
                step = walk.send((approved,))
            elif isinstance(step, Browse):
                assert step.manual
                assert "duration=permanent" in step.url("http://127.0.0.1:9/", "state", "challenge")
                step = walk.send(Returned({"code": "c#_"}, "http://127.0.0.1:9/", "verifier"))
            elif isinstance(step, Call):
                step = walk.send(answered(step.request, *next(left)))
            else:
                told.append(step)
                step = walk.send(None)
        except StopIteration as end:
            return end.value, told


def test_connecting_an_approved_app_leaves_a_login_and_says_what_works() -> None:
    made, told = connected("approved", (TOKENS, 200), ({"name": OURS, "id": "acme"}, 200))
    assert "contract with Reddit" in told[0].text
    assert made.account == "u/acme_helpt"
    assert (made.options["account_id"], made.options["subreddits"]) == ("t2_acme", ["klankbord", "nederland"])
    left = Reddit(RedditOptions.model_validate(made.options))
    left.login_taken(made.login)
    assert left.refresh() is not None
    assert "geheim" not in repr(made)


def test_rights_that_were_not_given_are_told_one_by_one() -> None:
    made, told = connected("approved", ({**TOKENS, "scope": "identity read"}, 200), ({"name": OURS, "id": "acme"}, 200))
    lacking = " ".join(tell.text for tell in told if tell.tone is Tone.LACKS)
    for scope in ("submit", "privatemessages", "modposts", "edit", "history"):
        assert f"right {scope}" in lacking
    assert made.options["inbox"] is False


def test_without_approval_the_feeds_are_connected_and_it_is_said_what_that_means() -> None:
    made, told = connected("feed", (atom(), 200))
    assert made.login == {"feed_token": "f33d"}
    assert any("Nothing can be answered" in tell.text for tell in told)
    left = Reddit(RedditOptions.model_validate(made.options))
    left.login_taken(made.login)
    request = left.plan(Task("s", left.queries(())[0], WINDOW))
    assert dict(request.params)["feed"] == "f33d"


@pytest.mark.parametrize(
    ("approved", "answers", "error", "says"),
    [
        ("approved", [({"error": "invalid_grant"}, 200)], AuthDead, "invalid_grant"),
        ("approved", [({"access_token": "a"}, 200)], AuthDead, "no lasting login"),
        ("approved", [(TOKENS, 200), ({"message": "Forbidden", "error": 403}, 403)], Forbidden, "does not allow"),
        ("feed", [(b"<html>", 403)], AuthDead, "prefs/feeds"),
    ],
)
def test_connecting_that_fails_says_why(approved: str, answers: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        connected(approved, *answers)
