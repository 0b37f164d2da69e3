"""What X's errors mean: by the body's own type before the status, each with a sentence a person can act on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Action, ActionKind, Target
from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from tests.connectors.x.saying import page, post, problem, snowflake, user
from tests.connectors.x.test_reading import AT, NOW, answer, ask, connector

BLANK = {"type": "about:blank"}
SLOW = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}


def refused(body: Any, status: int, *, connected: bool = True, **headers: str) -> ConnectorError:
    made = connector(connected=connected) if connected else connector(connected=False, mentions=False)
    task, request = ask(made)
    with pytest.raises(ConnectorError) as caught:
        made.parse(task, answer(request, body, status, **headers))
    assert "user-token" not in str(caught.value)
    assert "app-token" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (402, problem("credits", "CreditsDepleted", account_id=1), BudgetExhausted, "no credits left"),
        (200, problem("credits", "CreditsDepleted", account_id=1), BudgetExhausted, "no credits left"),
        (403, problem("credits", "SpendCapReached", reset_date="2026-12-01"), BudgetExhausted, "spending limit"),
        (429, problem("usage-capped", "UsageCapExceeded", period="Monthly"), BudgetExhausted, "cap of this app"),
        (429, SLOW, RateLimited, "wait"),
        (403, problem("client-forbidden", "Client Forbidden", reason="client-not-enrolled"), Forbidden, "enrol"),
        (403, problem("unsupported-authentication", "Unsupported Authentication"), Forbidden, "login of our account"),
        (403, {**BLANK, "title": "Forbidden", "status": 403, "detail": "Forbidden"}, Forbidden, "rights"),
        (403, {**BLANK, "title": "Forbidden", "detail": "Your account is suspended"}, AuthDead, "blocked"),
        (403, {**BLANK, "title": "Forbidden", "detail": "This app has been suspended"}, AuthDead, "blocked"),
        (
            403,
            {**BLANK, "title": "Forbidden", "detail": "The user you reply to has been suspended"},
            Forbidden,
            "refuses",
        ),
        (400, problem("invalid-request", "Invalid Request", errors=[{"message": "no query"}]), BadRequest, "no query"),
        (400, {"errors": [{"message": "`x` is not valid"}], "title": "Invalid Request"}, BadRequest, "not valid"),
        (404, {"title": "Not Found", "type": "about:blank", "detail": "Not Found"}, BadRequest, "Not Found"),
        (503, b"<html><h1>Over capacity</h1></html>", Transient, "503"),
        (503, {"title": "Service Unavailable", "status": 503, "type": "about:blank"}, Transient, "503"),
        (403, b"<html>Just a moment</html>", Forbidden, "403"),
        (200, b"<html>log in</html>", FormatChanged, "web page"),
        (200, b"", FormatChanged, "empty"),
        (200, [], FormatChanged, "something else"),
        (200, {"ok": True}, FormatChanged, "without data"),
        (200, {"data": {"id": "1"}, "meta": {}}, FormatChanged, "list of posts"),
        (200, {"errors": [problem("resource-not-found", "Not Found", "no user 1")]}, BadRequest, "no user 1"),
        (200, {"errors": [problem("not-authorized-for-resource", "No", "not yours")]}, Forbidden, "not yours"),
    ],
)
def test_each_error_has_its_class_and_says_what_to_do(
    status: int, body: Any, kind: type[ConnectorError], words: str
) -> None:
    found = refused(body, status)
    assert type(found) is kind
    assert words in str(found)


def test_a_login_that_ran_out_is_renewed_and_an_app_token_needs_a_person() -> None:
    body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    assert isinstance(refused(body, 401), AuthExpired)
    assert isinstance(refused(b"", 401), AuthExpired)
    assert isinstance(refused(body, 401, connected=False), AuthDead)


def test_without_any_login_a_person_is_asked_to_connect() -> None:
    made = connector()
    made.login_taken({})
    with pytest.raises(AuthDead, match="klankbord connect x"):
        ask(made)


def test_the_host_in_an_errors_type_does_not_matter() -> None:
    body = problem("usage-capped", "Whatever", period="Daily")
    body["type"] = "https://api.x.com/2/problems/usage-capped"
    found = refused(body, 429)
    assert isinstance(found, BudgetExhausted)
    assert found.until == datetime(2026, 11, 23, tzinfo=UTC)


def test_caps_and_limits_say_until_when() -> None:
    capped = refused(problem("usage-capped", "UsageCapExceeded", period="Monthly"), 429)
    spent = refused(problem("credits", "SpendCapReached", reset_date="2026-12-05"), 403)
    reset = int((NOW + timedelta(seconds=70)).timestamp())
    slow = refused(SLOW, 429, x_rate_limit_reset=str(reset))
    assert isinstance(capped, BudgetExhausted)
    assert isinstance(spent, BudgetExhausted)
    assert isinstance(slow, RateLimited)
    assert capped.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert spent.until == datetime(2026, 12, 5, tzinfo=UTC)
    assert slow.until == NOW + timedelta(seconds=70)
    assert not slow.whole_host  # X counts per endpoint


def test_an_answer_with_an_error_costs_nothing_but_one_that_cannot_be_read_does() -> None:
    assert refused(SLOW, 429).spent == {}
    assert refused(b"oops", 503).spent == {}
    assert refused(b'{"data":[', 200).spent is None


def test_errors_beside_data_leave_the_data() -> None:
    made = connector()
    task, request = ask(made)
    body = page([post(snowflake(AT), "acme", AT)], [user("jo_example")])
    body["errors"] = [problem("resource-not-found", "Not Found Error", resource_id="9", resource_type="user")]
    assert len(made.parse(task, answer(request, body)).items) == 1


def wish(kind: ActionKind, **more: Any) -> Action:
    return Action(kind, "77", "key", thread_external_id="70", extra={"post": "78"}, text="dank je", **more)


def acted(kind: ActionKind, body: Any, status: int = 200) -> Any:
    made, action = connector(), wish(kind)
    request: Any = made.act(action)
    return made.acted(action, answer(request, body, status))


@pytest.mark.parametrize(
    ("detail", "kind", "words"),
    [
        (
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
            "author of the post you are replying to.",
            Forbidden,
            "by hand",
        ),
        ("You are not allowed to create a Tweet with duplicate content.", BadRequest, "same words"),
        ("You are not permitted to perform this action.", Forbidden, "rights"),
    ],
)
def test_a_refused_answer_says_why(detail: str, kind: type[ConnectorError], words: str) -> None:
    body = {"title": "Forbidden", "status": 403, "type": "about:blank", "detail": detail}
    with pytest.raises(kind, match=words) as caught:
        acted(ActionKind.REPLY, body, 403)
    assert caught.value.spent == {}


def test_of_an_answer_that_met_a_failing_server_nobody_knows_whether_it_stands() -> None:
    with pytest.raises(Transient) as caught:
        acted(ActionKind.REPLY, b"<html>502</html>", 502)
    assert caught.value.spent is None


def test_only_a_definite_sign_removes_a_post() -> None:
    made = connector()
    targets = [Target(str(key), extra={"post": str(key + 100)}) for key in (1, 2, 3, 4)]
    request: Any = made.recheck(targets)
    assert dict(request.params)["ids"] == "101,102,103,104"
    body = {
        "data": [{"id": "101", "text": "staat er"}],
        "errors": [
            problem("resource-not-found", "Not Found Error", resource_id="102", resource_type="tweet"),
            problem("not-authorized-for-resource", "Authorization Error", resource_id="103", resource_type="tweet"),
        ],
    }
    result = made.rechecked(targets, answer(request, body))
    assert [each.external_id for each in result.deleted] == ["2"]
    assert result.spent == {"usd_day": 0.005, "usd_month": 0.005}


def test_when_none_of_the_asked_posts_stands_x_may_answer_404() -> None:
    made, targets = connector(), [Target("1")]
    request: Any = made.recheck(targets)
    body = {"errors": [problem("resource-not-found", "Not Found Error", resource_id="1", resource_type="tweet")]}
    for status in (200, 404):
        assert [each.external_id for each in made.rechecked(targets, answer(request, body, status)).deleted] == ["1"]
    with pytest.raises(BadRequest):
        made.rechecked(targets, answer(request, b"<html>gone</html>", 404))


def test_taking_back_what_is_gone_already_is_as_good() -> None:
    gone = {"errors": [problem("resource-not-found", "Not Found Error")], "title": "Not Found Error"}
    assert [each.external_id for each in acted(ActionKind.DELETE_OWN, gone, 404).deleted] == ["77"]
    assert [each.external_id for each in acted(ActionKind.DELETE_OWN, {"data": {"deleted": True}}).deleted] == ["77"]
    with pytest.raises(FormatChanged):
        acted(ActionKind.HIDE, {"data": {"hidden": False}})


def test_a_like_is_refused_with_the_reason() -> None:
    with pytest.raises(Forbidden, match="2026"):
        connector().act(wish(ActionKind.LIKE))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        (401, {"error": "unauthorized_client"}),
        (200, {"token_type": "bearer"}),
    ],
)
def test_a_revoked_login_cannot_be_renewed_without_a_person(status: int, body: Any) -> None:
    made = connector()
    request: Any = made.refresh()
    with pytest.raises(AuthDead, match="klankbord connect x"):
        made.refreshed(answer(request, body, status))


def test_a_renewed_login_rotates_both_tokens_and_knows_its_end() -> None:
    made = connector()
    request: Any = made.refresh()
    made.refreshed(answer(request, {"access_token": "new", "refresh_token": "newer", "expires_in": 7200}))
    kept = made.login_to_keep()
    assert kept is not None
    assert (kept["access_token"], kept["refresh_token"]) == ("new", "newer")
    assert made.login_ends_at() == NOW + timedelta(hours=2)
    following: Any = made.refresh()
    assert ("refresh_token", "newer") in following.form


def test_trouble_at_renewing_is_no_reason_to_ask_a_person() -> None:
    made = connector()
    request: Any = made.refresh()
    with pytest.raises(Transient):
        made.refreshed(answer(request, b"<html>", 503))
    with pytest.raises(RateLimited):
        made.refreshed(answer(request, SLOW, 429))
