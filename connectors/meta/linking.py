"""The steps that connecting an account of Facebook, Instagram or Threads has in common. Pure.

Meta wants an https redirect address that stands in the app's settings, so no loopback address: the browser ends at the
registered address, and the person pastes where it ended.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from connectors.connecting import Answer, Ask, Browse, Call, Choose, Field, Returned, Step, Tell, Tone
from connectors.errors import AuthDead, FormatChanged
from connectors.fields import items_of, text_of
from connectors.items import Json
from connectors.meta.graph import Graph, Params
from connectors.requests import HttpRequest, HttpResponse

Asking = Generator[Step, Answer, Mapping[str, str]]
Calling = Generator[Step, Answer, dict[str, Json]]


@dataclass(frozen=True, slots=True)
class App:
    """The operator's own app at Meta."""

    key: str
    secret: str = field(repr=False)
    redirect: str = ""


def ask_app(text: str, redirect: str) -> Generator[Step, Answer, App]:
    """Ask for the app.

    Args:
        text: how to make one.
        redirect: the address that is proposed as redirect address.
    """
    fields = (
        Field("app_id", "App ID", help="App dashboard, App settings, Basic"),
        Field("app_secret", "App secret", secret=True, help="the same page"),
        Field("redirect", "Redirect address", help="exactly as in the app's login settings", default=redirect),
    )
    said = yield Ask(fields, text)
    if not isinstance(said, Mapping) or not said.get("app_id") or not said.get("app_secret"):
        msg = "without the app's id and secret nothing can be connected"
        raise AuthDead(msg)
    return App(said["app_id"].strip(), said["app_secret"].strip(), said.get("redirect", "").strip() or redirect)


def browse(app: App, dialog: str, scopes: Iterable[str], text: str) -> Generator[Step, Answer, str]:
    """Send the person to the login; the code that came back.

    Raises:
        AuthDead: the person said no, or the platform did.
    """
    wanted = ",".join(scopes)

    def address(_redirect: str, state: str, _challenge: str) -> str:
        asked = {
            "client_id": app.key,
            "redirect_uri": app.redirect,
            "scope": wanted,
            "response_type": "code",
            "state": state,
        }
        return f"{dialog}?{urlencode(asked)}"

    back = yield Browse(address, text, manual=True)
    params: Mapping[str, str] = back.params if isinstance(back, Returned) else {}
    code = params.get("code", "").removesuffix("#_")
    if not code:
        why = params.get("error_description") or params.get("error_reason") or "no code came back"
        msg = f"the login was not completed: {why}"
        raise AuthDead(msg)
    return code


def call(graph: Graph, path: str, params: Params, *, form: Params | None = None) -> Calling:
    """Ask the platform something with the login so far.

    Raises:
        ConnectorError: it refused.
    """
    method = "GET" if form is None else "POST"
    return (yield from send(graph, graph.request(path, method=method, params=params, form=form)))


def send(graph: Graph, request: HttpRequest) -> Calling:
    """Make a call, and read its object."""
    answer = yield Call(request)
    if not isinstance(answer, HttpResponse):
        msg = f"no answer came from {graph.platform}"
        raise FormatChanged(msg)
    return graph.body(answer)


def exchange(
    graph: Graph, path: str, *, params: Params = (), form: Params | None = None
) -> Generator[Step, Answer, dict[str, Json]]:
    """Exchange a code or a token for a better one; no login is sent along.

    Raises:
        FormatChanged: no token came back.
    """
    method = "GET" if form is None else "POST"
    request = HttpRequest(
        f"{graph.base}/{path}" if "://" not in path else path,
        method=method,
        params=params,
        form=form,
        headers={"Accept": "application/json"},
        safe_to_repeat=False,
    )
    body = yield from send(graph, request)
    if text_of(body, "access_token") is None:
        msg = f"{graph.platform} gave no token"
        raise FormatChanged(msg)
    return body


def choose(text: str, options: tuple[tuple[str, str], ...]) -> Generator[Step, Answer, str]:
    """Let the person choose one; without a choice to make, nobody is asked."""
    if len(options) == 1:
        return options[0][0]
    chosen = yield Choose(text, options)
    if not isinstance(chosen, tuple) or not chosen:
        msg = "nothing was chosen"
        raise AuthDead(msg)
    return str(chosen[0])


def tell_rights(granted: frozenset[str], rights: Iterable[tuple[str, str]]) -> Generator[Step, Answer, None]:
    """Say of each right what works with it, or what does not without it."""
    for scope, what in rights:
        if scope in granted:
            yield Tell(f"{what}: works.", Tone.WORKS)
        else:
            yield Tell(f"{what}: will not work, because {scope} was not granted.", Tone.LACKS)


def facebook_user(graph: Graph, app: App, code: str) -> Generator[Step, Answer, Graph]:
    """Exchange the code of Facebook's login for a long-lived login of the person."""
    keys = (("client_id", app.key), ("client_secret", app.secret))
    path = "oauth/access_token"
    given = yield from exchange(graph, path, params=(*keys, ("redirect_uri", app.redirect), ("code", code)))
    short = text_of(given, "access_token") or ""
    longer = yield from exchange(
        graph, path, params=(("grant_type", "fb_exchange_token"), *keys, ("fb_exchange_token", short))
    )
    return replace(graph, token=text_of(longer, "access_token"))


def granted_in(body: dict[str, Json]) -> frozenset[str]:
    """The permissions that were granted, of an answer of `/me/permissions`."""
    entries = (each for each in items_of(body, "data") if isinstance(each, dict))
    return frozenset(text_of(each, "permission") or "" for each in entries if text_of(each, "status") == "granted")
