"""Connecting Reddit: first the gate that Reddit keeps, then either an approved app or the private feeds."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.connecting import Ask, Browse, Call, Choose, Connected, Connecting, Field, Returned, Tell, Tone
from connectors.errors import AuthDead, Forbidden, FormatChanged
from connectors.fields import need_id, text_of
from connectors.http_status import raise_for_status
from connectors.items import Json
from connectors.reddit.login import TOKEN_PATH, agent_of, basic, tokens_of
from connectors.reddit.trouble import body_of
from connectors.requests import HttpRequest, over_http

SCOPES = ("identity", "read", "history", "privatemessages", "submit", "edit", "modposts")
_GATE = (
    "Since November 2025 Reddit lets no new program in without its approval, asked for with a support form; no time "
    "for an answer is promised, and refusals happen. Use by or on behalf of a business needs a contract with Reddit. "
    "Without approval only the private feeds of an account can be read, and nothing can be answered from here."
)
_WITHOUT = {
    "read": "Without the right read nothing can be searched or read.",
    "history": "Without the right history an answer whose fate is unknown cannot be looked for.",
    "privatemessages": "Without the right privatemessages the inbox cannot be read.",
    "submit": "Without the right submit nothing can be answered from here.",
    "edit": "Without the right edit our own comments cannot be taken back from here.",
    "modposts": "Without the right modposts nothing can be removed in your subreddits from here.",
}
_APP = (
    Field("client_id", "App id", help="under the app's name at reddit.com/prefs/apps; the app is of the type web app"),
    Field("client_secret", "App secret", secret=True, help="at the same place"),
    Field("username", "Name of your account", help="without u/; Reddit wants to know whose program this is"),
    Field("redirect_uri", "Redirect address", help="exactly as the app names it", default="http://localhost:8080"),
)
_FEED = (
    Field("feed_user", "Name of the account", help="without u/"),
    Field(
        "feed_token", "Feed token", secret=True, help="the letters after feed= in the links at reddit.com/prefs/feeds"
    ),
)
_WHAT = Field(
    "subreddits", "Subreddits to read", help="names, separated by commas; what else to read stands in config.yaml"
)
WWW, API = "https://www.reddit.com", "https://oauth.reddit.com"


def steps(www_url: str = WWW, api_url: str = API) -> Connecting:
    """Tell of the gate, and connect what may be connected.

    Args:
        www_url: address of logins and feeds.
        api_url: address of the API.

    Raises:
        ConnectorError: it cannot be connected; the text says why.
    """
    yield Tell(_GATE)
    options = (("approved", "Yes: Reddit approved our app"), ("feed", "No: only read the private feeds of an account"))
    chosen = yield Choose("Has Reddit approved your app for this use?", options)
    if chosen != ("approved",):
        return (yield from _by_feed(www_url))
    return (yield from _by_app(www_url, api_url))


def _by_feed(www_url: str) -> Connecting:
    typed = _typed((yield Ask((*_FEED, _WHAT))))
    names = _names(typed["subreddits"])
    where = f"/r/{names[0]}/new/.rss" if names else "/.rss"
    asking = HttpRequest(
        f"{www_url}{where}",
        params=(("limit", "1"), ("feed", typed["feed_token"]), ("user", typed["feed_user"])),
        headers={"User-Agent": agent_of("feeds", typed["feed_user"])},
    )
    answer = over_http((yield Call(asking)))
    if answer.status in {401, 403}:
        msg = "Reddit does not give this feed: look at reddit.com/prefs/feeds, where private feeds must be turned on"
        raise AuthDead(msg)
    raise_for_status(answer, platform="Reddit")
    yield Tell("Posts and comments of these subreddits are read, and posts with your words.", Tone.WORKS)
    yield Tell("Nothing can be answered, removed or asked again, and the inbox is not read.", Tone.LACKS)
    kept: dict[str, Json] = {"feed_user": typed["feed_user"], "subreddits": [*names]}
    if not names:
        kept["search"] = True
    return Connected({"feed_token": typed["feed_token"]}, kept, f"u/{typed['feed_user']}")


def _by_app(www_url: str, api_url: str) -> Connecting:
    typed = _typed((yield Ask((*_APP, _WHAT))))

    def address(_redirect_uri: str, state: str, _challenge: str) -> str:
        asked = {
            "client_id": typed["client_id"],
            "response_type": "code",
            "state": state,
            "redirect_uri": typed["redirect_uri"],
            "duration": "permanent",
            "scope": " ".join(SCOPES),
        }
        return f"{www_url}/api/v1/authorize?{urlencode(asked)}"

    back = yield Browse(
        address,
        "Allow what is asked. Then paste the address at which your browser ends, even if no page is there.",
        manual=True,
    )
    if not isinstance(back, Returned) or "code" not in back.params:
        why = back.params.get("error", "no reason given") if isinstance(back, Returned) else "nothing came back"
        msg = f"Reddit gave no access ({why}): begin again and allow it"
        raise Forbidden(msg)
    agent = agent_of(typed["client_id"], typed["username"])
    exchange = HttpRequest(
        f"{www_url}{TOKEN_PATH}",
        "POST",
        headers={"User-Agent": agent, "Authorization": basic(typed["client_id"], typed["client_secret"])},
        form=(
            ("grant_type", "authorization_code"),
            ("code", back.params["code"].removesuffix("#_")),
            ("redirect_uri", typed["redirect_uri"]),
        ),
        safe_to_repeat=False,
    )
    tokens = tokens_of(over_http((yield Call(exchange))))
    if "refresh_token" not in tokens:
        msg = "Reddit gave no lasting login: begin again"
        raise AuthDead(msg)
    headers = {"User-Agent": agent, "Authorization": f"bearer {tokens['access_token']}"}
    me = body_of(over_http((yield Call(HttpRequest(f"{api_url}/api/v1/me", headers=headers)))), renewable=False)
    name = text_of(me, "name") if isinstance(me, dict) else None
    if not isinstance(me, dict) or name is None:
        msg = "Reddit does not say whose login this is"
        raise FormatChanged(msg)
    given = set(tokens.get("scope", "*").replace(",", " ").split())
    lacking = [] if "*" in given else [scope for scope in _WITHOUT if scope not in given]
    for scope in lacking:
        yield Tell(_WITHOUT[scope], Tone.LACKS)
    if "read" not in lacking:
        yield Tell(f"Posts are searched, subreddits and the inbox of u/{name} are read.", Tone.WORKS)
    if "submit" not in lacking:
        yield Tell("Posts, comments and private messages are answered.", Tone.WORKS)
    yield Tell("Comments cannot be searched, only read where they stand; voting by software is forbidden.", Tone.LACKS)
    try:
        account = f"t2_{need_id(me).removeprefix('t2_')}"
    except ValueError as error:
        raise FormatChanged(str(error)) from error
    kept: dict[str, Json] = {
        "approved": True,
        "username": name,
        "account_id": account,
        "inbox": "privatemessages" not in lacking,
        "subreddits": [*_names(typed["subreddits"])],
    }
    secrets = {key: typed[key] for key in ("client_id", "client_secret")}
    return Connected({**secrets, **tokens}, kept, f"u/{name}")


def _names(text: str) -> tuple[str, ...]:
    bare = (each.strip().removeprefix("/").removeprefix("r/").rstrip("/") for each in text.split(","))
    return tuple(dict.fromkeys(each for each in bare if each))


def _typed(answer: object) -> dict[str, str]:
    if not isinstance(answer, Mapping):
        msg = "nothing was typed"
        raise FormatChanged(msg)
    return {str(name): str(value).strip().removeprefix("u/") for name, value in answer.items()}
