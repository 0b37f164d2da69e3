"""Answering private messages, and finding an answer again that nobody heard of.

Unlike a post a message gets its id from the server: sent twice, it would be two. So it is never repeated before the
conversation was read back to when it was first tried.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connectors.bluesky.facets import facets
from connectors.bluesky.messages import (
    GET,
    LIMIT,
    LONGEST,
    LONGEST_BYTES,
    passed_on,
    read_message,
    read_messages,
)
from connectors.bluesky.reading import OURS
from connectors.bluesky.session import Session
from connectors.bluesky.wording import words_of
from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import AuthExpired, BadRequest, Forbidden, FormatChanged
from connectors.fields import text_of
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

SEND = "chat.bsky.convo.sendMessage"
_CLOCKS_APART = timedelta(minutes=10)


def is_about_message(action: Action) -> bool:
    """Whether an action is about a private message."""
    return "convo" in action.extra


class Messaging:
    """Performs actions on private messages as our account.

    Args:
        session: our login.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def request_for(self, action: Action) -> HttpRequest:
        """Say which call performs an action.

        Raises:
            AuthDead: there is nothing to log in with.
            Forbidden: messages are answered, nothing else.
            BadRequest: the answer is empty or too long, or the message was kept without its conversation.
        """
        convo = _convo(action)
        if action.kind is ActionKind.FETCH_THREAD:
            return self._look(convo, None)
        if action.kind is not ActionKind.REPLY:
            msg = "a direct message on Bluesky can be answered from here, and nothing else"
            raise Forbidden(msg)
        text = words_of(action, graphemes=LONGEST, most_bytes=LONGEST_BYTES)
        message: dict[str, Json] = {"text": text}
        if found := facets(text, {}):
            message["facets"] = found
        call = self._session.call(SEND, json={"convoId": convo, "message": message})
        return replace(passed_on(call), safe_to_repeat=False)

    def result_of(self, action: Action, response: HttpResponse) -> ActionResult:
        """Read what came of it.

        Raises:
            ConnectorError: it failed; `FormatChanged` when it went out and the answer cannot be read.
        """
        convo, body, us = _convo(action), self._session.body(response), self._session.did
        if us is None:
            msg = "not signed in to Bluesky yet"
            raise AuthExpired(msg)
        if action.kind is ActionKind.FETCH_THREAD:
            return self._looked(action, body)
        members: dict[str, Json] = {us: {"handle": self._session.handle}}
        said: dict[str, Json] = {**body, OURS: {"us": us, "convo": {"id": convo, "members": members}}}
        try:
            return ActionResult((read_message(said),))
        except ValueError as error:
            msg = f"Bluesky sent the message, but its answer cannot be read: {error}"
            raise FormatChanged(msg) from error

    def _look(self, convo: str, cursor: str | None) -> HttpRequest:
        paging = () if cursor is None else (("cursor", cursor),)
        return passed_on(self._session.call(GET, params=(("convoId", convo), LIMIT, *paging)))

    def _looked(self, action: Action, body: dict[str, Json]) -> ActionResult:
        """The conversation, newest first: back to when the answer was first tried, else its newest page."""
        convo, cursor = _convo(action), text_of(body, "cursor")
        found = read_messages(body, self._session.did, {"id": convo, "members": {}})
        tried = None if not action.newest or action.at is None else action.at - _CLOCKS_APART
        goes_on = cursor is not None and tried is not None and bool(found.times) and min(found.times) > tried
        return ActionResult(found.items, found.deleted, next=self._look(convo, cursor) if goes_on else None)


def _convo(action: Action) -> str:
    convo = text_of(dict(action.extra), "convo")
    if convo is None:
        msg = "this message was kept without its conversation: answer it in the app"
        raise BadRequest(msg)
    return convo
