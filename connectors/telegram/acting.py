"""What a bot does in a chat: answer, react, remove.

A bot is never shown its own messages, so whether an answer got through cannot be looked up: after a call that was cut
off it stays unknown until a person says what stands there, or somebody answers that message (see `reading`).
"""

from __future__ import annotations

from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import as_object, flag_of, number_of, text_of
from connectors.items import Deleted, Json
from connectors.requests import HttpRequest, HttpResponse
from connectors.telegram.bot import Bot, is_gone, result
from connectors.telegram.reading import LONGEST, Us, read, with_context

_THUMB: Json = {"type": "emoji", "emoji": "\N{THUMBS UP SIGN}"}


def request_for(bot: Bot, action: Action) -> HttpRequest:
    """Say which call performs an action.

    Raises:
        Forbidden: a bot cannot do it.
        BadRequest: the answer is empty or too long, or the message was kept without its chat.
    """
    message = _message(action)
    match action.kind:
        case ActionKind.REPLY:
            return _reply(bot, action, message)
        case ActionKind.LIKE:
            return bot.request("setMessageReaction", json={**message, "reaction": [_THUMB]}, step="like")
        case ActionKind.HIDE | ActionKind.DELETE_OWN:
            business = text_of(dict(action.extra), "business_connection_id")
            if business is None:
                return bot.request("deleteMessage", json=message, step="delete")
            body: Json = {"business_connection_id": business, "message_ids": [message["message_id"]]}
            return bot.request("deleteBusinessMessages", json=body, step="delete")
        case ActionKind.FETCH_THREAD | ActionKind.RECHECK:
            msg = "a bot cannot read a chat back: look into the chat itself"
            raise Forbidden(msg)


def _reply(bot: Bot, action: Action, message: dict[str, Json]) -> HttpRequest:
    text = action.text or ""
    if not text.strip():
        msg = "the answer is empty"
        raise BadRequest(msg)
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if units > LONGEST:
        msg = f"the answer counts {units} characters; Telegram takes {LONGEST}"
        raise BadRequest(msg)
    # Without parse_mode the text stands there as it was written, whatever signs are in it.
    body: dict[str, Json] = {
        "chat_id": message["chat_id"],
        "text": text,
        # Who removed the question meanwhile is answered all the same.
        "reply_parameters": {"message_id": message["message_id"], "allow_sending_without_reply": True},
    }
    topic = number_of(dict(action.extra), "topic_id")
    if topic is not None:
        body["message_thread_id"] = topic
    business = text_of(dict(action.extra), "business_connection_id")
    if business is not None:
        body["business_connection_id"] = business
    return bot.request("sendMessage", json=body, step="reply")


def result_of(bot: Bot, action: Action, response: HttpResponse) -> ActionResult:
    """Read what came of an action.

    Raises:
        ConnectorError: it failed; `Transient` when it is unknown whether it happened.
    """
    if action.kind in {ActionKind.HIDE, ActionKind.DELETE_OWN}:
        if not is_gone(response):
            result(response)
        return ActionResult(deleted=(Deleted(action.external_id, action.namespace),))
    said = result(response)
    if action.kind is not ActionKind.REPLY:
        return ActionResult()
    extra = dict(action.extra)
    us = Us(bot.id, text_of(extra, "username"), bot.own)
    try:
        sent = as_object(said, "the sent message")
        business = text_of(extra, "business_connection_id")
        if business is not None:
            sent = {"business_connection_id": business, **sent}
        return ActionResult((read(with_context(sent, us, may_delete=flag_of(extra, "may_delete"))),))
    except ValueError as error:
        msg = f"Telegram sent the answer, but what it says of it cannot be read: {error}"
        raise FormatChanged(msg) from error


def _message(action: Action) -> dict[str, Json]:
    """The chat and number of the message acted on."""
    extra = dict(action.extra)
    chat, number = number_of(extra, "chat_id"), number_of(extra, "message_id")
    if chat is None or number is None:
        msg = "this message was kept without its chat: answer it in Telegram"
        raise BadRequest(msg)
    return {"chat_id": chat, "message_id": number}
