"""Connecting a channel's owner: a Google login in the browser, and which channel it is for."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from connectors.connecting import Ask, Browse, Call, Choose, Connected, Connecting, Field, Returned, Tell, Tone
from connectors.errors import AuthDead, ConnectorError, Forbidden, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse, over_http
from connectors.youtube.login import tokens_of
from connectors.youtube.options import YouTubeOptions
from connectors.youtube.trouble import body_of

SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
_ABOUT = (
    "In the Google Cloud console: make a project, turn on YouTube Data API v3, and make an OAuth client of the type "
    "Desktop app. Publish the consent screen: a login of an app in status Testing ends after seven days."
)
_FIELDS = (
    Field("client_id", "Client ID", help="Google Cloud console, Google Auth Platform, Clients"),
    Field("client_secret", "Client secret", secret=True, help="next to the client ID"),
)


def steps(token_url: str | None = None, api_url: str | None = None) -> Connecting:
    """Ask for the client, let the owner log in, choose the channel, and say what will work.

    Args:
        token_url: where the code is exchanged, when not Google's own address.
        api_url: of the API, when not Google's own address.

    Raises:
        ConnectorError: it cannot be connected; the text says why.
    """
    plain = YouTubeOptions(search=True)
    token_url, api_url = token_url or plain.token_url, api_url or plain.api_url
    typed = yield Ask(_FIELDS, _ABOUT)
    client = _typed(typed)

    def address(redirect_uri: str, state: str, challenge: str) -> str:
        asked = {
            "client_id": client["client_id"],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        return f"{AUTHORIZE}?{urlencode(asked)}"

    back = yield Browse(address, "Log in as the owner of the channel, choose the channel, and allow what is asked.")
    if not isinstance(back, Returned):
        msg = "the browser did not come back"
        raise FormatChanged(msg)
    if "code" not in back.params:
        msg = f"Google gave no access ({back.params.get('error', 'no reason given')}): begin again and allow it"
        raise Forbidden(msg)
    form = (
        ("grant_type", "authorization_code"),
        ("code", back.params["code"]),
        ("client_id", client["client_id"]),
        ("client_secret", client["client_secret"]),
        ("redirect_uri", back.redirect_uri),
        ("code_verifier", back.verifier),
    )
    tokens = tokens_of(over_http((yield Call(HttpRequest(token_url, "POST", form=form, safe_to_repeat=False)))))
    scopes = tokens.pop("scope", "").split()
    if scopes and SCOPE not in scopes:
        msg = "the right to manage comments was not given: begin again and tick its box"
        raise Forbidden(msg)
    if "refresh_token" not in tokens:
        msg = "Google gave no lasting login: remove this app under myaccount.google.com/connections and begin again"
        raise AuthDead(msg)
    asking = HttpRequest(
        f"{api_url}/channels",
        params=(("part", "snippet"), ("mine", "true"), ("maxResults", "50")),
        headers={"Accept": "application/json", "Authorization": f"Bearer {tokens['access_token']}"},
    )
    channels = _channels(over_http((yield Call(asking))))
    if not channels:
        msg = "this Google account has no channel: log in as the account or brand account that owns it"
        raise AuthDead(msg)
    key = channels[0][0]
    if len(channels) > 1:
        chosen = yield Choose("Which channel is yours?", tuple(channels))
        key = chosen[0] if isinstance(chosen, tuple) and chosen else key
    title = dict(channels)[key]
    checking = HttpRequest(
        f"{api_url}/commentThreads",
        params=(("part", "snippet"), ("allThreadsRelatedToChannelId", key), ("maxResults", "1")),
        headers={"Accept": "application/json", "Authorization": f"Bearer {tokens['access_token']}"},
    )
    try:
        body_of(over_http((yield Call(checking))), kind="commentThreadListResponse", renewable=False)
    except ConnectorError as error:
        yield Tell(f"The comments on {title} cannot be read yet: {error}.", Tone.LACKS)
    else:
        yield Tell(f"Comments on the videos of {title} are read, answered, hidden, and our own taken back.", Tone.WORKS)
    yield Tell("A day's quota is 10,000 units: an answer costs 50, so at most 200 go out in a day.", Tone.NOTE)
    yield Tell("YouTube's API cannot like or heart a comment, and reads no private messages.", Tone.LACKS)
    yield Tell(
        "Searching for videos about you has 100 searches a day; give it a source of its own with an api_key.", Tone.NOTE
    )
    return Connected({**client, **tokens}, {"channel_id": key}, title)


def _typed(answer: object) -> dict[str, str]:
    if not isinstance(answer, Mapping):
        msg = "nothing was typed"
        raise FormatChanged(msg)
    return {field.name: str(answer[field.name]).strip() for field in _FIELDS}


def _channels(response: HttpResponse) -> list[tuple[str, str]]:
    body: dict[str, Json] = body_of(response, kind="channelListResponse", renewable=False)
    found = []
    for entry in items_of(body, "items"):
        key = text_of(entry, "id") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and key is not None:
            found.append((key, text_of(part(entry, "snippet"), "title") or key))
    return found
