"""What holds for one bot: its options, its token, how it is asked, and what its errors mean.

Every answer is `{"ok": true, "result": …}` or `{"ok": false, "error_code", "description", "parameters"}`. The token
stands in the path of every call, so it travels as `HttpRequest.secret` and is in no address.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NoReturn
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from connectors.contract import Options
from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.fields import flag_of, number_of, part, text_of
from connectors.http_status import json_body, object_in, raise_for_status
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

OFFICIAL = "https://api.telegram.org"
PLATFORM = "Telegram"
_TOKEN = re.compile(r"(\d{3,}):[\w-]{10,}")
_NO_SUCH_MESSAGE = ("message to delete not found", "message_id_invalid", "message to react not found")


def is_token(written: str) -> bool:
    """Tell whether a text has the shape of a bot's token."""
    return _TOKEN.fullmatch(written) is not None


class TelegramOptions(Options):
    """Options of a `telegram` source."""

    token: SecretStr | None = Field(
        default=None, description="The bot's token; left out when it was connected with `klankbord connect telegram`."
    )
    own_accounts: tuple[str, ...] = Field(
        default=(), description="Colleagues who write in groups for the brand: @names or ids. The bot is known anyway."
    )
    wait: int = Field(
        default=10, ge=0, le=12, description="Seconds that one question may wait for a message; 0 answers at once."
    )
    api_url: str = Field(default=OFFICIAL, description="Address of the Bot API, when you run a server of your own.")

    @field_validator("api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or "{" in value:
            msg = f"{value!r} is not the address of a Bot API server"
            raise ValueError(msg)
        return value.rstrip("/")


def ask(
    base: str,
    token: str,
    method: str,
    *,
    params: tuple[tuple[str, str], ...] = (),
    json: Json = None,
    step: str = "",
) -> HttpRequest:
    """Make a call; one with a body is a write, which Telegram would do again if it were repeated."""
    return HttpRequest(
        f"{base}/bot{{secret}}/{method}",
        method="GET" if json is None else "POST",
        params=params,
        json=json,
        safe_to_repeat=json is None,
        secret=token,
        step=step,
    )


class Bot:
    """One bot. Builds requests and names errors; does not read messages."""

    def __init__(self, options: TelegramOptions) -> None:
        self.options = options
        self.base = options.api_url
        self.host = urlsplit(options.api_url).hostname or ""
        self.own = frozenset(name.lstrip("@").casefold() for name in options.own_accounts)
        self._token = None if options.token is None else options.token.get_secret_value()

    def log_in(self, token: str) -> None:
        """Use a kept token, unless the options name one."""
        if self.options.token is None:
            self._token = token

    @property
    def id(self) -> str:
        """The bot's account id, with which its token begins.

        Raises:
            AuthDead: there is no token yet.
        """
        return self.token.partition(":")[0]

    @property
    def token(self) -> str:
        """The token.

        Raises:
            AuthDead: there is none yet.
        """
        if self._token is None:
            msg = "no bot is connected yet: run `klankbord connect telegram`, or give the source a token"
            raise AuthDead(msg)
        return self._token

    def request(
        self, method: str, *, params: tuple[tuple[str, str], ...] = (), json: Json = None, step: str = ""
    ) -> HttpRequest:
        """Make a call as this bot."""
        return ask(self.base, self.token, method, params=params, json=json, step=step)


def result(response: HttpResponse) -> Json:
    """The result of a call.

    Raises:
        ConnectorError: the call failed; see `_refuse`.
    """
    said = _error(response)
    if said is not None:
        _refuse(response, said)
    raise_for_status(response, platform=PLATFORM)
    body = json_body(response, platform=PLATFORM)
    if not isinstance(body, dict) or not flag_of(body, "ok") or "result" not in body:
        msg = "Telegram answered without a result"
        raise FormatChanged(msg)
    return body["result"]


def is_gone(response: HttpResponse) -> bool:
    """Whether the message acted on no longer stands."""
    said = _error(response)
    words = "" if said is None else (text_of(said, "description") or "").casefold()
    return any(each in words for each in _NO_SUCH_MESSAGE)


def _error(response: HttpResponse) -> dict[str, Json] | None:
    body = object_in(response)
    return body if body.get("ok") is False else None


def _refuse(response: HttpResponse, said: dict[str, Json]) -> NoReturn:
    """Name an error by its own code. Descriptions are meant for people, and two of them tell causes apart."""
    code = number_of(said, "error_code") or response.status
    words = (text_of(said, "description") or "").strip()[:200]
    folded = words.casefold()
    match code:
        case 429:
            wait = number_of(part(said, "parameters"), "retry_after")
            until = None if wait is None else response.received_at + timedelta(seconds=max(wait, 0))
            msg = "Telegram asks us to wait (429)"
            raise RateLimited(msg, until=until)
        case 401:
            msg = "Telegram does not accept the bot's token (401): it was revoked or mistyped; get one from @BotFather"
            raise AuthDead(msg)
        case 404:
            msg = "Telegram knows no such bot (404): the token is mistyped or the bot was deleted; look at @BotFather"
            raise AuthDead(msg)
        case 409 if "webhook" in folded:
            msg = (
                "a webhook is set for this bot, so Telegram gives its messages to another program (409): "
                "run `klankbord connect telegram` to remove it, or make a bot of its own for Klankbord"
            )
            raise Forbidden(msg)
        case 409:
            msg = (
                "another program reads this bot's messages too (409), and what it reads first never comes here: "
                "stop it, or make a bot of its own for Klankbord"
            )
            raise Transient(msg)
        case 403:
            msg = f"Telegram refuses this: {words.removeprefix('Forbidden: ')} (403)"
            raise Forbidden(msg)
        case _ if code >= 500:
            msg = f"Telegram has trouble ({code})"
            raise Transient(msg)
        case 400 if number_of(part(said, "parameters"), "migrate_to_chat_id") is not None:
            msg = "this group became a supergroup with a new number: answer to a message that was written there since"
            raise BadRequest(msg)
        case 400 if "can't be deleted" in folded:
            msg = "Telegram lets a bot remove messages for 48 hours only, and others' only as an administrator (400)"
            raise Forbidden(msg)
        case _:
            msg = f"Telegram refuses our question: {words.removeprefix('Bad Request: ') or code} ({code})"
            raise BadRequest(msg)
