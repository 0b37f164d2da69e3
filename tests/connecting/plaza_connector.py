"""The connector of `plaza`, as a third party would write one with a guided login."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.connecting import (
    Answer,
    Ask,
    Browse,
    Call,
    Choose,
    Connected,
    Connecting,
    Field,
    Returned,
    Step,
    Tell,
    Tone,
)
from connectors.contract import Action, ActionKind, ActionResult, Connector, Options, Page, Query, Task
from connectors.errors import AuthDead, AuthExpired, Forbidden
from connectors.http_status import json_body, raise_for_status
from connectors.items import Author, Capabilities, Item, Kind
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from tests.connecting.plaza import CLIENT


class PlazaOptions(Options):
    """Where it is, and which rooms are read."""

    url: str
    rooms: tuple[str, ...] = ()


class PlazaConnector(Connector[PlazaOptions]):
    """Reads and answers the plaza as an account that was connected."""

    name = "plaza"
    platform = "plaza"
    options_type = PlazaOptions

    def __init__(self, options: PlazaOptions) -> None:
        super().__init__(options)
        self._kept: dict[str, str] = {}

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:
        del terms
        return (Query("posts", "Posts"),)

    def plan(self, task: Task) -> HttpRequest:
        del task
        return HttpRequest(f"{self.options.url}/posts", headers=self._headers())

    def parse(self, task: Task, response: Response) -> Page:
        posts = self._body(response)["posts"]
        return Page(tuple(self._item(each) for each in posts), covered=task.window.interval)

    def act(self, action: Action) -> Request:
        if action.kind is not ActionKind.REPLY:
            msg = "not here"
            raise Forbidden(msg)
        form = (("text", action.text or ""),)
        url = f"{self.options.url}/posts"
        return HttpRequest(url, method="POST", headers=self._headers(), form=form, safe_to_repeat=False)

    def acted(self, action: Action, response: Response) -> ActionResult:
        del action
        return ActionResult((self._item(self._body(response)),))

    @classmethod
    def connect(cls) -> Connecting:
        return _connect()

    def login_taken(self, kept: Mapping[str, str]) -> None:
        self._kept = dict(kept)

    def login_to_keep(self) -> Mapping[str, str] | None:
        return self._kept or None

    def login_ends_at(self) -> datetime | None:
        return datetime.fromisoformat(self._kept["ends_at"]) if self._kept else None

    def refresh(self) -> Request | None:
        if not self._kept:
            return None
        form = (("grant_type", "refresh_token"), ("refresh_token", self._kept["refresh_token"]), *_client())
        return HttpRequest(f"{self.options.url}/token", method="POST", form=form, safe_to_repeat=False)

    def refreshed(self, response: Response) -> None:
        assert isinstance(response, HttpResponse)
        if b"invalid_grant" in response.body:
            msg = "the plaza no longer accepts our login"
            raise AuthDead(msg)
        raise_for_status(response, platform="the plaza")
        self._kept = kept_of(response)

    def hosts(self) -> frozenset[str]:
        return frozenset({urlsplit(self.options.url).hostname or ""})

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._kept['access']}"} if self._kept else {}

    def _body(self, response: Response) -> Any:
        assert isinstance(response, HttpResponse)
        if b'"expired"' in response.body:
            msg = "the plaza says the token ran out"
            raise AuthExpired(msg)
        if b'"revoked"' in response.body:
            msg = "the plaza says the login was revoked"
            raise AuthDead(msg)
        raise_for_status(response, platform="the plaza")
        return json_body(response)

    def _item(self, post: Any) -> Item:
        return Item(
            str(post["id"]),
            Kind.POST,
            text=post["text"],
            author=Author(post["who"], handle=post["who"]),
            published_at=datetime.fromisoformat(post["at"]),
            is_own=post["who"] == "acme",
            capabilities=Capabilities(can_reply=True),
            raw=post,
        )


def _client() -> tuple[tuple[str, str], ...]:
    return ("client_id", CLIENT[0]), ("client_secret", CLIENT[1])


def kept_of(response: HttpResponse) -> dict[str, str]:
    """The login in an answer of the token endpoint."""
    body: Any = json_body(response)
    ends = response.received_at + timedelta(seconds=body["expires_in"])
    return {"access": body["access_token"], "refresh_token": body["refresh_token"], "ends_at": ends.isoformat()}


def _connect() -> Generator[Step, Answer, Connected]:
    asked = yield Ask(
        (
            Field("url", "Address", default="https://plaza.example", help="Where your plaza is."),
            Field("secret", "Client secret", secret=True, help="Under Settings, Apps."),
        ),
        "The plaza you want to connect.",
    )
    assert isinstance(asked, Mapping)
    url, secret = asked["url"].rstrip("/"), asked["secret"]

    def address(redirect_uri: str, state: str, challenge: str) -> str:
        wanted = {"client_id": CLIENT[0], "redirect_uri": redirect_uri, "state": state, "response_type": "code"}
        return f"{url}/authorize?" + urlencode({**wanted, "code_challenge": challenge, "code_challenge_method": "S256"})

    back = yield Browse(address, "The plaza asks whether Klankbord may read and write.")
    assert isinstance(back, Returned)
    if "code" not in back.params:
        msg = f"the plaza gave no login: {back.params.get('error_description')}"
        raise AuthDead(msg)
    form = (
        ("grant_type", "authorization_code"),
        ("code", back.params["code"]),
        ("redirect_uri", back.redirect_uri),
        ("code_verifier", back.verifier),
        ("client_id", CLIENT[0]),
        ("client_secret", secret),
    )
    answer = yield Call(HttpRequest(f"{url}/token", method="POST", form=form, safe_to_repeat=False))
    assert isinstance(answer, HttpResponse)
    raise_for_status(answer, platform="the plaza")
    login = kept_of(answer)
    me = yield Call(HttpRequest(f"{url}/me", headers={"Authorization": f"Bearer {login['access']}"}))
    assert isinstance(me, HttpResponse)
    body: Any = json_body(me)
    yield Tell("Reading posts works.", Tone.WORKS)
    granted: Any = json_body(answer)
    if "write" not in granted["scope"]:
        yield Tell("Answering will not work: the login was not given the right to write.", Tone.LACKS)
    rooms = yield Choose("Which rooms?", (("square", "Square"), ("fountain", "Fountain")), several=True)
    assert isinstance(rooms, tuple)
    return Connected(login, {"url": url, "rooms": list(rooms)}, f"{body['name']} on the plaza")
