"""Connecting a Threads account: the person logs in, and a login of sixty days is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.connecting import Call, Connected, Connecting, Tell, Tone
from connectors.errors import FormatChanged
from connectors.fields import number_of, text_of
from connectors.meta import linking
from connectors.meta.graph import Graph
from connectors.meta.sixty_days import LIVES
from connectors.requests import HttpResponse
from connectors.threads.options import API

VERSION = "v1.0"
DIALOG = "https://www.threads.net/oauth/authorize"
REDIRECT = "https://localhost/"
SCOPES = (
    "threads_basic",
    "threads_read_replies",
    "threads_manage_replies",
    "threads_content_publish",
    "threads_manage_mentions",
    "threads_keyword_search",
    "threads_delete",
)
_TEXT = (
    "Make an app with the use case Threads API at developers.facebook.com, leave it in development mode, and invite "
    "your account as a Threads tester. Put the redirect address below into the use case's settings. The id and secret "
    "wanted here are those of Threads, not of the app."
)


def connect() -> Connecting:
    """The steps.

    Raises:
        AuthDead: the login was not completed.
    """
    app = yield from linking.ask_app(_TEXT, REDIRECT)
    graph = Graph("Threads", f"{API}/{VERSION}", "klankbord connect threads")
    code = yield from linking.browse(app, DIALOG, SCOPES, "Allow everything that is asked.")
    form = (
        ("client_id", app.key),
        ("client_secret", app.secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", app.redirect),
        ("code", code),
    )
    given = yield from linking.exchange(graph, f"{API}/oauth/access_token", form=form)
    short = replace(graph, token=text_of(given, "access_token"))
    asked = replace(short, base=API).request(
        "access_token", params=(("grant_type", "th_exchange_token"), ("client_secret", app.secret))
    )
    answer = yield Call(asked)
    if not isinstance(answer, HttpResponse):
        msg = "no answer came from Threads"
        raise FormatChanged(msg)
    longer = short.body(answer)
    seconds = number_of(longer, "expires_in")
    ends = answer.received_at + (LIVES if seconds is None else timedelta(seconds=seconds))
    graph = replace(graph, token=text_of(longer, "access_token"))
    me = yield from linking.call(graph, "me", (("fields", "id,username"),))
    name = text_of(me, "username")
    if name is None:
        msg = "Threads does not say whose login this is"
        raise FormatChanged(msg)
    yield Tell("Replies to your own threads, mentions, replying, hiding and taking back work.", Tone.WORKS)
    yield Tell("Threads keyword search needs Meta's approval: until then only your own posts.", Tone.LACKS)
    yield Tell("Nobody can like through the API. The login lives sixty days and is renewed by itself.")
    return Connected(
        login={"token": graph.token or "", "ends_at": ends.isoformat()}, options={"username": name}, account=name
    )
