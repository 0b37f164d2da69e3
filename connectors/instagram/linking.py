"""Connecting a professional account, with the login of Instagram itself or through its Facebook page."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta

from connectors.connecting import Answer, Call, Connected, Connecting, Step, Tell, Tone
from connectors.errors import Forbidden, FormatChanged
from connectors.fields import items_of, number_of, part, text_of
from connectors.instagram.options import FACEBOOK_HOST, INSTAGRAM_HOST
from connectors.items import Json
from connectors.meta import linking
from connectors.meta.graph import Graph
from connectors.meta.sixty_days import LIVES
from connectors.requests import HttpRequest, HttpResponse

VERSION = "v26.0"
COMMAND = "klankbord connect instagram"
REDIRECT = "https://localhost/"
FACEBOOK_REDIRECT = "https://www.facebook.com/connect/login_success.html"
RIGHTS = (
    ("instagram_business_basic", "Reading your own media"),
    ("instagram_business_manage_comments", "Reading, answering and hiding comments"),
    ("instagram_business_manage_messages", "Reading and answering messages"),
)
FACEBOOK_RIGHTS = (
    ("instagram_basic", "Reading your own media"),
    ("instagram_manage_comments", "Reading, answering and hiding comments"),
    ("pages_show_list", "Finding your pages"),
    ("pages_read_engagement", "Reading through the page"),
    ("instagram_manage_messages", "Reading and answering messages"),
)
_TEXT = (
    "Make an app of type Business at developers.facebook.com, leave it in development mode, and add Instagram. Your "
    "account must be a professional one (business or creator) and have a role on the app. Put the redirect address "
    "below into the login's settings."
)


def connect() -> Connecting:
    """The steps.

    Raises:
        AuthDead: the login was not completed.
        Forbidden: no professional account was found.
    """
    way = yield from linking.choose(
        "Which login?",
        (
            ("instagram", "Instagram: no Facebook page needed, no hashtags"),
            ("facebook", "Facebook: the account is linked to a page; hashtags after a review by Meta"),
        ),
    )
    app = yield from linking.ask_app(_TEXT, REDIRECT if way == "instagram" else FACEBOOK_REDIRECT)
    if way == "instagram":
        return (yield from _by_instagram(app))
    return (yield from _by_facebook(app))


def _by_instagram(app: linking.App) -> Connecting:
    graph = Graph("Instagram", f"{INSTAGRAM_HOST}/{VERSION}", COMMAND)
    scopes = [scope for scope, _ in RIGHTS]
    dialog = "https://www.instagram.com/oauth/authorize"
    code = yield from linking.browse(app, dialog, scopes, "Allow everything that is asked.")
    form = (
        ("client_id", app.key),
        ("client_secret", app.secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", app.redirect),
        ("code", code),
    )
    given = yield from linking.exchange(graph, "https://api.instagram.com/oauth/access_token", form=form)
    short = replace(graph, token=text_of(given, "access_token"))
    asked = replace(short, base=INSTAGRAM_HOST).request(
        "access_token", params=(("grant_type", "ig_exchange_token"), ("client_secret", app.secret))
    )
    longer, ends = yield from _long_lived(short, asked)
    graph = replace(graph, token=text_of(longer, "access_token"))
    me = yield from linking.call(graph, "me", (("fields", "user_id,username,account_type"),))
    key = text_of(me, "user_id") or text_of(me, "id")
    if key is None:
        msg = "Instagram does not say whose login this is"
        raise FormatChanged(msg)
    told = given.get("permissions")
    granted = frozenset(
        told.split(",") if isinstance(told, str) else [str(each) for each in items_of(given, "permissions")]
    )
    yield from linking.tell_rights(granted or frozenset(scopes), RIGHTS)
    yield from _tell_limits(hashtags=False)
    return Connected(
        login={"token": graph.token or "", "ends_at": ends, "app_secret": app.secret},
        options={"account": key, "login": "instagram", "messages": RIGHTS[2][0] in granted},
        account=text_of(me, "username") or key,
    )


def _long_lived(graph: Graph, asked: HttpRequest) -> Generator[Step, Answer, tuple[dict[str, Json], str]]:
    """Exchange the token of an hour for one of sixty days; the answer, and when that ends."""
    answer = yield Call(asked)
    if not isinstance(answer, HttpResponse):
        msg = f"no answer came from {graph.platform}"
        raise FormatChanged(msg)
    body = graph.body(answer)
    seconds = number_of(body, "expires_in")
    lives = LIVES if seconds is None else timedelta(seconds=seconds)
    return body, (answer.received_at + lives).isoformat()


def _by_facebook(app: linking.App) -> Connecting:
    graph = Graph("Facebook", f"{FACEBOOK_HOST}/{VERSION}", COMMAND, app_secret=app.secret)
    scopes = [scope for scope, _ in FACEBOOK_RIGHTS]
    dialog = f"https://www.facebook.com/{VERSION}/dialog/oauth"
    code = yield from linking.browse(
        app, dialog, scopes, "Allow everything that is asked, for the page and the account."
    )
    graph = yield from linking.facebook_user(graph, app, code)
    granted = linking.granted_in((yield from linking.call(graph, "me/permissions", ())))
    fields = "id,name,access_token,instagram_business_account{id,username}"
    body = yield from linking.call(graph, "me/accounts", (("fields", fields), ("limit", "100")))
    pages = {
        key: page
        for page in items_of(body, "data")
        if isinstance(page, dict) and (key := text_of(part(page, "instagram_business_account"), "id"))
    }
    if not pages:
        msg = "none of your pages has a professional Instagram account linked to it: link it, or use the other login"
        raise Forbidden(msg)
    names = tuple((key, _name(page, key)) for key, page in pages.items())
    key = yield from linking.choose("Which account?", names)
    yield from linking.tell_rights(granted, FACEBOOK_RIGHTS)
    yield from _tell_limits(hashtags=True)
    return Connected(
        login={"token": text_of(pages[key], "access_token") or "", "app_secret": app.secret},
        options={
            "account": key,
            "login": "facebook",
            "page": text_of(pages[key], "id"),
            "messages": "instagram_manage_messages" in granted,
        },
        account=_name(pages[key], key),
    )


def _name(page: dict[str, Json], key: str) -> str:
    return text_of(part(page, "instagram_business_account"), "username") or text_of(page, "name") or key


def _tell_limits(*, hashtags: bool) -> Generator[Step, Answer, None]:
    if hashtags:
        yield Tell(
            "Hashtags need the feature Instagram Public Content Access, which Meta reviews; until then Meta refuses.",
            Tone.LACKS,
        )
    else:
        yield Tell("Hashtags will not work with this login: they need the one of Facebook.", Tone.LACKS)
    yield Tell(
        "Mentions of your name on other people's media are told by a webhook only; there is no list of them.",
        Tone.LACKS,
    )
    yield Tell("Nobody can like a comment through the API; answering and hiding work.")
