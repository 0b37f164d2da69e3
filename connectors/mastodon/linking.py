"""Connecting an account of an instance: the person allows an app that is registered for it there, or pastes a token.

Source: the platform's documentation of OAuth, apps and scopes (docs.joinmastodon.org, read for release 4.6). PKCE is
used where the instance says that it knows it (4.3 and later).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from urllib.parse import urlencode

import orjson
from pydantic import SecretStr, ValidationError

from connectors.connecting import (
    Answer,
    Ask,
    Browse,
    Call,
    Connected,
    Connecting,
    Field,
    Redirect,
    Returned,
    Step,
    Tell,
    Tone,
)
from connectors.errors import AuthDead, BadRequest, ConnectorError, FormatChanged
from connectors.fields import items_of, number_of, part, text_of
from connectors.http_status import json_body, raise_for_status
from connectors.items import Json
from connectors.mastodon.instance import Instance, InstanceOptions
from connectors.requests import HttpRequest, HttpResponse, over_http

RIGHTS = (
    ("read:accounts", "Knowing whose login this is"),
    ("read:statuses", "Reading hashtags and threads"),
    ("read:notifications", "Reading mentions and direct messages"),
    ("read:search", "Searching"),
    ("write:statuses", "Answering, and taking back own posts"),
    ("write:favourites", "Liking"),
)
_ABOUT = (
    "Leave the token empty to log in with the browser. A token is made under Preferences, Development, New "
    "application, with the scopes " + " ".join(scope for scope, _ in RIGHTS) + "."
)
_LONGEST = int(InstanceOptions.model_fields["max_characters"].default)
Calling = Generator[Step, Answer, dict[str, Json]]


def steps() -> Connecting:
    """Walk a person through it.

    Raises:
        BadRequest: what was typed is no address of an instance.
        AuthDead: the instance gives no login.
    """
    typed = yield Ask(
        (
            Field("url", "Address of your instance", help="such as mastodon.example"),
            Field("token", "Access token", secret=True, optional=True, help="only when you have one already"),
        ),
        _ABOUT,
    )
    given = {str(name): str(value).strip() for name, value in typed.items()} if isinstance(typed, Mapping) else {}
    plain = _instance(given.get("url", ""))
    if given.get("token"):
        login, scopes = {"token": given["token"]}, None
    else:
        login, scopes = yield from _logged_in(plain)
    ours = _instance(plain.base, login["token"])
    me = yield from _asked(ours, "/api/v1/accounts/verify_credentials")
    name = text_of(me, "username")
    if name is None:
        msg = f"{ours.host} does not say whose login this is"
        raise FormatChanged(msg)
    if scopes is None:
        scopes = yield from _scopes_of(ours)
    works = yield from _tell_rights(ours, scopes)
    about = yield from _asked_softly(ours, "/api/v2/instance")
    options: dict[str, Json] = {
        "url": ours.base,
        "notifications": "read:notifications" in works,
        "search": "read:search" in works,
    }
    longest = number_of(part(part(about, "configuration"), "statuses"), "max_characters")
    if longest is not None and longest >= 1 and int(longest) != _LONGEST:
        options["max_characters"] = int(longest)
    yield Tell("Hashtags are read once you name them: `hashtags` in the configuration.")
    if "read:search" in works:
        yield Tell("Search needs full-text search on the instance; where there is none, the source says so.")
    yield Tell("Nobody can hide other people's posts. There is no search over the whole network.", Tone.LACKS)
    domain = text_of(about, "domain") or ours.host
    return Connected({"instance": ours.host, **login}, {"instances": [options]}, f"@{name}@{domain}")


def _logged_in(instance: Instance) -> Generator[Step, Answer, tuple[dict[str, str], frozenset[str]]]:
    """Register an app, let the person allow it, and exchange the code; the login, and which rights it has.

    Raises:
        AuthDead: the instance gives no login.
    """
    about = yield from _asked_softly(instance, "/.well-known/oauth-authorization-server")
    known = {each for each in items_of(about, "scopes_supported") if isinstance(each, str)}
    wanted = [scope for scope, _ in RIGHTS]
    scopes = " ".join(wanted) if not known or known.issuperset(wanted) else "read write"
    pkce = "S256" in items_of(about, "code_challenge_methods_supported")
    redirect = yield Redirect()
    asked = (("client_name", "Klankbord"), ("redirect_uris", str(redirect)), ("scopes", scopes))
    app = yield from _posted(instance, "/api/v1/apps", asked)
    key, secret = text_of(app, "client_id"), text_of(app, "client_secret")
    if key is None or secret is None:
        msg = f"{instance.host} registered no app for us: log in there and make a token, then paste that"
        raise AuthDead(msg)

    def address(back_to: str, state: str, challenge: str) -> str:
        asked = {"response_type": "code", "client_id": key, "redirect_uri": back_to, "scope": scopes, "state": state}
        proof = {"code_challenge": challenge, "code_challenge_method": "S256"} if pkce else {}
        return f"{instance.base}/oauth/authorize?{urlencode(asked | proof)}"

    back = yield Browse(address, f"{instance.host} asks whether Klankbord may act for your account.")
    if not isinstance(back, Returned) or not back.params.get("code"):
        params = back.params if isinstance(back, Returned) else {}
        why = params.get("error_description") or params.get("error") or "no code came back"
        msg = f"{instance.host} gave no login: {why}"
        raise AuthDead(msg)
    form = (
        ("grant_type", "authorization_code"),
        ("code", back.params["code"]),
        ("client_id", key),
        ("client_secret", secret),
        ("redirect_uri", back.redirect_uri),
        ("scope", scopes),
        *((("code_verifier", back.verifier),) if pkce else ()),
    )
    told = yield from _posted(instance, "/oauth/token", form)
    token = text_of(told, "access_token")
    if token is None:
        msg = f"{instance.host} gave no token"
        raise AuthDead(msg)
    granted = frozenset((text_of(told, "scope") or scopes).split())
    return {"token": token, "client_id": key, "client_secret": secret}, granted


def _scopes_of(ours: Instance) -> Generator[Step, Answer, frozenset[str] | None]:
    """The rights of a pasted token; None where the instance does not tell them (before 4.3)."""
    app = yield from _asked_softly(ours, "/api/v1/apps/verify_credentials")
    told = frozenset(each for each in items_of(app, "scopes") if isinstance(each, str))
    return told or None


def _tell_rights(ours: Instance, scopes: frozenset[str] | None) -> Generator[Step, Answer, frozenset[str]]:
    """Say of each right what works with it, or what does not without it; the rights that work."""
    if scopes is None:
        return (yield from _try_rights(ours))
    works = frozenset(scope for scope, _ in RIGHTS if has_right(scopes, scope))
    for scope, what in RIGHTS:
        if scope in works:
            yield Tell(f"{what}: works.", Tone.WORKS)
        else:
            yield Tell(f"{what}: will not work, because {scope} was not granted.", Tone.LACKS)
    return works


def _try_rights(ours: Instance) -> Generator[Step, Answer, frozenset[str]]:
    """Try what can be tried without writing anything."""
    works = set()
    for scope, what, path, params in (
        ("read:notifications", RIGHTS[2][1], "/api/v1/notifications", (("limit", "1"),)),
        ("read:search", RIGHTS[3][1], "/api/v2/search", (("q", "from:me"), ("type", "statuses"), ("limit", "1"))),
    ):
        answer = yield Call(ours.request(path, params=params))
        try:
            ours.check(over_http(answer))
        except ConnectorError as error:
            yield Tell(f"{what} does not work: {error}", Tone.LACKS)
        else:
            works.add(scope)
            yield Tell(f"{what}: works.", Tone.WORKS)
    yield Tell(f"{ours.host} does not say which rights the token has; answering needs write:statuses.")
    return frozenset(works)


def has_right(scopes: Iterable[str], wanted: str) -> bool:
    """Whether a right was granted, by itself or by the whole that it is a part of (`read`, `write`)."""
    return not {wanted, wanted.partition(":")[0]}.isdisjoint(scopes)


def _asked(ours: Instance, path: str) -> Calling:
    answer = yield Call(ours.request(path))
    body = ours.body(over_http(answer))
    return body if isinstance(body, dict) else {}


def _asked_softly(instance: Instance, path: str) -> Calling:
    """What an instance of another make, or an older one, may not have: nothing then."""
    answer = over_http((yield Call(instance.request(path))))
    if answer.status != 200:
        return {}
    try:
        body: Json = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _posted(instance: Instance, path: str, form: tuple[tuple[str, str], ...]) -> Calling:
    """Send a form that may be sent once.

    Raises:
        AuthDead: it is refused, in the instance's words.
    """
    headers = {"Accept": "application/json"}
    request = HttpRequest(f"{instance.base}{path}", "POST", headers=headers, form=form, safe_to_repeat=False)
    answer = over_http((yield Call(request)))
    words = _words(answer)
    if answer.status in {400, 401, 403, 422} and words:
        msg = f"{instance.host} gave no login: {words}"
        raise AuthDead(msg)
    raise_for_status(answer, platform=instance.host)
    body = json_body(answer, platform=instance.host)
    return body if isinstance(body, dict) else {}


def _words(answer: HttpResponse) -> str:
    try:
        body: Json = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    return (text_of(body, "error_description") or text_of(body, "error") or "")[:200] if isinstance(body, dict) else ""


def _instance(url: str, token: str | None = None) -> Instance:
    try:
        return Instance(InstanceOptions(url=url, token=None if token is None else SecretStr(token)))
    except ValidationError:
        msg = f"{url[:100]!r} is not the address of an instance, such as mastodon.example"
        raise BadRequest(msg) from None
