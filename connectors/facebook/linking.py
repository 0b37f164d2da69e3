"""Connecting a Facebook page: the person logs in, chooses the page, and its token is kept."""

from __future__ import annotations

from connectors.connecting import Connected, Connecting, Tell, Tone
from connectors.errors import Forbidden
from connectors.facebook.options import API
from connectors.fields import items_of, text_of
from connectors.items import Json
from connectors.meta import linking
from connectors.meta.graph import Graph

VERSION = "v26.0"
DIALOG = f"https://www.facebook.com/{VERSION}/dialog/oauth"
REDIRECT = "https://www.facebook.com/connect/login_success.html"
RIGHTS = (
    ("pages_show_list", "Finding your pages"),
    ("pages_read_engagement", "Reading the page's own posts"),
    ("pages_read_user_content", "Reading comments, visitors' posts and reviews"),
    ("pages_manage_engagement", "Answering, hiding and liking"),
    ("pages_messaging", "Reading and answering Messenger conversations"),
)
_TEXT = (
    "Make an app of type Business at developers.facebook.com, leave it in development mode, and add Facebook Login for "
    "Business. People with a role on the app need no review by Meta. Put the redirect address below into the login's "
    "settings."
)


def connect() -> Connecting:
    """The steps.

    Raises:
        AuthDead: the login was not completed.
        Forbidden: the account manages no page.
    """
    app = yield from linking.ask_app(_TEXT, REDIRECT)
    graph = Graph("Facebook", f"{API}/{VERSION}", "klankbord connect facebook", app_secret=app.secret)
    scopes = [scope for scope, _ in RIGHTS]
    code = yield from linking.browse(app, DIALOG, scopes, "Allow everything that is asked, for the page you want.")
    graph = yield from linking.facebook_user(graph, app, code)
    granted = linking.granted_in((yield from linking.call(graph, "me/permissions", ())))
    fields = "id,name,tasks,access_token"
    pages = pages_in((yield from linking.call(graph, "me/accounts", (("fields", fields), ("limit", "100")))))
    if not pages:
        msg = "this account manages no page, or none was allowed at the login: log in again and allow the page"
        raise Forbidden(msg)
    names = tuple((key, text_of(page, "name") or key) for key, page in pages.items())
    key = yield from linking.choose("Which page?", names)
    page = pages[key]
    yield from linking.tell_rights(granted, RIGHTS)
    if "MODERATE" not in items_of(page, "tasks"):
        yield Tell("You do not have the task Moderate on this page: answering and hiding will be refused.", Tone.LACKS)
    yield Tell("Facebook has no search over words: only what is said on your page, or tags it, can be read.")
    yield Tell(
        "In development mode some comments come without their author; they can be read and answered all the same."
    )
    return Connected(
        login={"token": text_of(page, "access_token") or "", "app_secret": app.secret},
        options={"page": key, "messages": "pages_messaging" in granted},
        account=text_of(page, "name") or key,
    )


def pages_in(body: dict[str, Json]) -> dict[str, dict[str, Json]]:
    """The pages that come with a token, by id, of an answer of `/me/accounts`."""
    entries = (each for each in items_of(body, "data") if isinstance(each, dict))
    return {key: each for each in entries if (key := text_of(each, "id")) and text_of(each, "access_token")}
