"""Connecting a page, its options, and what it may do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.connecting import Ask, Browse, Call, Choose, Connected, Redirect, Returned, Tell, Tone
from connectors.contract import Action, ActionKind, Interval, Task, Window
from connectors.errors import AuthDead, BadRequest, Forbidden
from connectors.linkedin import LinkedIn, LinkedInOptions
from connectors.linkedin.reading import COMMENT, LONGEST, parts_of, plain, read, with_context
from connectors.requests import HttpRequest, HttpResponse

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
PAGE = "urn:li:organization:1234"
OBJECT = "urn:li:activity:7000000000000000001"
URN = f"urn:li:comment:({OBJECT},663)"


def made(**options: Any) -> LinkedIn:
    return LinkedIn(LinkedInOptions.model_validate({"organization": PAGE, "token": "t-secret", **options}))


def comment(**more: Any) -> Any:
    said: dict[str, Any] = {
        "id": "663",
        "commentUrn": URN,
        "actor": "urn:li:person:x",
        "object": OBJECT,
        "message": {"text": "hoi"},
    }
    return with_context({**said, **more}, COMMENT, frozenset({PAGE}), post="urn:li:share:7")


def connected(answers: dict[str, tuple[int, Any]], *, allowed: bool = True) -> tuple[list[Tell], list[str], Connected]:
    """Play the person and LinkedIn."""
    told: list[Tell] = []
    asked: list[str] = []
    steps = LinkedIn.connect()
    assert steps is not None
    step = next(steps)
    while True:
        answer: Any = None
        match step:
            case Ask():
                answer = {"client_id": "app", "client_secret": "s-secret"}
            case Redirect():
                answer = "http://127.0.0.1:9/back"
            case Browse():
                asked.append(step.url("http://127.0.0.1:9/back", "st", "ch"))
                params = {"code": "c-1"} if allowed else {"error": "user_cancelled_login"}
                answer = Returned(params, "http://127.0.0.1:9/back", "v")
            case Call(request):
                asked.append(request.url)
                status, body = answers["token" if "accessToken" in request.url else "acls"]
                answer = HttpResponse(request, status, {}, orjson.dumps(body), request.url, NOW)
            case Choose():
                answer = (step.options[-1][0],)
            case Tell():
                told.append(step)
        try:
            step = steps.send(answer)
        except StopIteration as ended:
            return told, asked, ended.value


GIVEN = {"access_token": "t-1", "expires_in": 5_184_000}


def test_connecting_says_first_what_linkedin_demands_and_keeps_the_login() -> None:
    acls = {"elements": [{"organization": PAGE}, {"organizationTarget": "urn:li:organization:5"}]}
    told, asked, result = connected({"token": (200, GIVEN), "acls": (200, acls)})
    assert (told[0].tone, "Community Management API" in told[0].text) == (Tone.LACKS, True)
    assert "scope=r_organization_social+w_organization_social" in asked[0]
    assert result.options == {"organization": "urn:li:organization:5"}
    assert result.login["access_ends_at"] == "2026-05-09T10:00:00+00:00"
    assert any("60 days" in one.text for one in told)
    assert "s-secret" not in repr(result)
    connector = LinkedIn(LinkedInOptions.model_validate(result.options))
    connector.login_taken(result.login)
    assert connector.login_ends_at() == datetime(2026, 5, 9, 10, 0, tzinfo=UTC)
    assert connector.refresh() is None


def test_connecting_that_is_not_allowed_says_why() -> None:
    good = {"token": (200, GIVEN), "acls": (200, {"elements": []})}
    with pytest.raises(AuthDead, match="user_cancelled_login"):
        connected(good, allowed=False)
    with pytest.raises(Forbidden, match="administrator of no page"):
        connected(good)
    with pytest.raises(Forbidden, match="not granted"):
        connected({**good, "acls": (403, {"code": "ACCESS_DENIED"})})
    with pytest.raises(AuthDead, match="expired code"):
        connected({**good, "token": (400, {"error": "invalid_grant", "error_description": "expired code"})})


def test_a_renewed_login_is_kept_whole() -> None:
    connector = made(refresh_token="r-1", client_id="app", client_secret="s-secret")
    request = connector.refresh()
    assert isinstance(request, HttpRequest)
    assert dict(request.form or ())["refresh_token"] == "r-1"
    assert "r-1" not in repr(request)
    body = orjson.dumps({**GIVEN, "access_token": "t-2", "refresh_token": "r-2"})
    connector.refreshed(HttpResponse(request, 200, {}, body, request.url, NOW))
    kept = connector.login_to_keep()
    assert kept is not None
    assert (kept["access_token"], kept["refresh_token"]) == ("t-2", "r-2")
    other = LinkedIn(LinkedInOptions(organization=PAGE))
    other.login_taken(kept)
    assert other.refresh() is not None


def test_without_a_login_a_person_is_asked() -> None:
    connector = LinkedIn(LinkedInOptions(organization="1234"))
    window = Window(Interval(NOW.replace(hour=9), NOW))
    for query in connector.queries(()):
        with pytest.raises(AuthDead, match="klankbord connect linkedin"):
            connector.plan(Task("s", query, window))


@pytest.mark.parametrize(
    "options",
    [
        {"organization": "acme"},
        {"organization": "1", "api_version": "2026-08"},
        {"organization": "1", "calls_per_day": 0},
        {"organization": "1", "api_url": "ftp://x"},
        {"organization": "1", "odd": True},
        {},
    ],
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LinkedInOptions.model_validate(options)


def test_what_can_be_done_is_said_per_item() -> None:
    item = read(comment())
    can = item.capabilities
    assert (can.can_reply, can.can_like, can.can_hide, can.can_recheck) == (True, True, False, True)
    assert can.max_length == LONGEST
    assert item.addressed
    own = read(comment(actor=PAGE))
    assert (own.is_own, own.addressed) == (True, False)
    assert made().duties.may_export is False
    assert made().meters()[0].limit == 100


def test_hiding_is_refused_in_words() -> None:
    with pytest.raises(Forbidden, match="hide it on the page itself"):
        made().act(Action(ActionKind.HIDE, URN, "k"))


def test_a_thread_is_asked_at_its_end_or_for_what_a_comment_answers() -> None:
    top, below = read(comment()), read(comment(id="9", commentUrn=f"urn:li:comment:({OBJECT},9)", parentComment=URN))
    connector = made()

    def asked(external_id: str, extra: Any, *, newest: bool) -> str:
        request = connector.act(Action(ActionKind.FETCH_THREAD, external_id, "k", extra=extra, newest=newest))
        assert isinstance(request, HttpRequest)
        return request.url.partition("/rest/")[2]

    coded = "urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A7000000000000000001%2C663%29"
    assert asked(top.external_id, top.extra, newest=True).startswith(f"socialActions/{coded}/comments?start=0")
    assert asked(top.external_id, top.extra, newest=False) == "posts/urn%3Ali%3Ashare%3A7"
    wanted = "socialActions/urn%3Ali%3Aactivity%3A7000000000000000001/comments/663"
    assert asked(below.external_id, below.extra, newest=False) == wanted


def test_a_long_thread_is_read_on_until_its_end() -> None:
    connector, item = made(), read(comment())
    wish = Action(ActionKind.FETCH_THREAD, item.external_id, "k", extra=item.extra, newest=True)
    request = connector.act(wish)
    assert isinstance(request, HttpRequest)
    full = [{**comment(), "commentUrn": f"urn:li:comment:({OBJECT},{number})"} for number in range(100)]
    result = connector.acted(wish, HttpResponse(request, 200, {}, orjson.dumps({"elements": full}), "", NOW))
    assert len(result.items) == 100
    assert isinstance(result.next, HttpRequest)
    assert "start=100" in result.next.url
    last = connector.acted(wish, HttpResponse(result.next, 200, {}, orjson.dumps({"elements": []}), "", NOW))
    assert last.next is None


def test_the_signs_of_linkedins_own_format_are_taken_out() -> None:
    assert (
        plain("Hoi @[Acme BV](urn:li:organization:1) {hashtag|\\#|storing} \\(nu\\) 5 < 6")
        == "Hoi @Acme BV #storing (nu) 5 < 6"
    )


@given(st.text())
def test_any_words_survive_the_format(text: str) -> None:
    escaped = "".join(f"\\{sign}" if sign in "|{}@[]()<>#*_~\\" else sign for sign in text)
    assert plain(escaped) == text


@given(st.text())
def test_a_name_is_one_of_a_comment_or_it_is_not(text: str) -> None:
    assert parts_of(text) is None or text.startswith("urn:li:comment:(")


@given(st.text(max_size=LONGEST + 200))
def test_what_fits_is_sent_and_what_does_not_is_refused(text: str) -> None:
    item = read(comment())
    wish = Action(ActionKind.REPLY, URN, "k", text=text, extra=item.extra)
    if text.strip() and len(text) <= LONGEST:
        request = made().act(wish)
        assert isinstance(request, HttpRequest)
        assert not request.safe_to_repeat
    else:
        with pytest.raises(BadRequest):
            made().act(wish)
