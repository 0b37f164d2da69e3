"""Connecting a bot: its token is tried, and what will and will not work is said."""

from __future__ import annotations

from connectors.connecting import Answer, Ask, Call, Choose, Connected, Connecting, Field, Tell, Tone
from connectors.errors import BadRequest, FormatChanged
from connectors.fields import flag_of, text_of
from connectors.items import Json
from connectors.requests import over_http
from connectors.telegram.bot import OFFICIAL, ask, is_token, result

_ABOUT = (
    "A bot is made in Telegram itself, free and without a review: write /newbot to @BotFather. "
    "Make one for Klankbord alone: only one program can read a bot's messages."
)
_PRIVACY = (
    "In groups this bot sees only what answers it, names it or is a command (privacy mode). To read whole groups: "
    "@BotFather, /setprivacy, your bot, Disable; then take the bot out of each group and add it again. "
    "As an administrator of a group it sees everything in any case."
)


def connect() -> Connecting:
    """Ask for the token, try it, and say what to expect.

    Raises:
        ConnectorError: Telegram does not accept the token.
    """
    typed = yield Ask(
        (
            Field("token", "Token of the bot", secret=True, help="@BotFather, /mybots, your bot, API Token"),
            Field("api_url", "Address of the Bot API", default=OFFICIAL, help="Your own server, if you run one"),
        ),
        _ABOUT,
    )
    fields = _typed(typed)
    token, base = fields.get("token", "").strip(), (fields.get("api_url") or OFFICIAL).rstrip("/")
    if not is_token(token):
        msg = "this is no bot token: @BotFather gives one such as 123456789:AAE…"
        raise BadRequest(msg)
    me = _object((yield Call(ask(base, token, "getMe"))))
    name = f"@{text_of(me, 'username')}"
    hook = _object((yield Call(ask(base, token, "getWebhookInfo"))))
    if text_of(hook, "url") is not None:
        yield from _webhook(base, token, name)
    yield Tell(f"{name}: private messages to the bot come in and are answered from here.", Tone.WORKS)
    if not flag_of(me, "can_join_groups"):
        yield Tell("This bot may not join groups: @BotFather, /setjoingroups, to change that.", Tone.LACKS)
    elif flag_of(me, "can_read_all_group_messages"):
        yield Tell("In groups this bot sees every message.", Tone.WORKS)
    else:
        yield Tell(_PRIVACY, Tone.LACKS)
    yield Tell("Comments under your channel: add the bot to the channel's discussion group.", Tone.NOTE)
    yield Tell("As an administrator who may delete messages, the bot can remove them from groups.", Tone.NOTE)
    yield Tell("Nothing from before the bot was there can be read, and Telegram has no search.", Tone.LACKS)
    yield Tell("Telegram keeps messages for 24 hours: a worker that is away longer misses some.", Tone.NOTE)
    yield Tell("Nobody is told of messages that people remove.", Tone.LACKS)
    options: dict[str, Json] = {} if base == OFFICIAL else {"api_url": base}
    return Connected({"token": token}, options, name)


def _webhook(base: str, token: str, name: str) -> Connecting:
    chosen = yield Choose(
        f"{name} has a webhook: another program gets its messages, and Klankbord gets none.",
        (("remove", "Remove the webhook"), ("keep", "Leave it, and use another bot")),
    )
    if chosen != ("remove",):
        msg = f"{name} goes on writing to its webhook; make another bot for Klankbord"
        raise BadRequest(msg)
    answer = yield Call(ask(base, token, "deleteWebhook", json={"drop_pending_updates": False}))
    result(over_http(answer))
    return Connected({}, {}, name)


def _typed(answer: Answer) -> dict[str, str]:
    return {str(key): str(value) for key, value in answer.items()} if isinstance(answer, dict) else {}


def _object(answer: Answer) -> dict[str, Json]:
    said = result(over_http(answer))
    if not isinstance(said, dict):
        msg = "Telegram's answer is not about a bot"
        raise FormatChanged(msg)
    return said
