"""Telegram's Bot API as far as a bot sees it: a queue that forgets what was confirmed, chats, rights, one poller."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.social.api_server import Answer, ApiServer, Asked

TOKEN = "123456789:AAE-for_tests_only_ABCDEFGHIJKLMNOP"
BOT: dict[str, Any] = {
    "id": 123456789,
    "is_bot": True,
    "first_name": "Acme",
    "username": "acme_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
}
PIET: dict[str, Any] = {
    "id": 55512345,
    "is_bot": False,
    "first_name": "Piet",
    "last_name": "de Vries",
    "language_code": "nl",
}
PRIVATE: dict[str, Any] = {"id": 55512345, "type": "private", "first_name": "Piet", "last_name": "de Vries"}
GROUP: dict[str, Any] = {"id": -1001234567890, "type": "supergroup", "title": "Acme hulp", "username": "acmehulp"}
CHANNEL: dict[str, Any] = {"id": -1001111111111, "type": "channel", "title": "Acme nieuws", "username": "acmenieuws"}
TALK: dict[str, Any] = {"id": -1002222222222, "type": "supergroup", "title": "Acme nieuws chat"}


def refusal(code: int, description: str, **parameters: int) -> Answer:
    """An error as Telegram words it."""
    more = {"parameters": parameters} if parameters else {}
    return Answer({"ok": False, "error_code": code, "description": description, **more}, code)


@dataclass
class TelegramServer(ApiServer):
    """One bot, and the chats it is in."""

    token: str = TOKEN
    webhook: str = ""
    admin_in: set[int] = field(default_factory=set)
    queue: list[dict[str, Any]] = field(default_factory=list)
    arrived: dict[int, datetime] = field(default_factory=dict)
    next_update: int = 871_234_567
    next_message: dict[int, int] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)
    removed: list[tuple[int, int]] = field(default_factory=list)
    reactions: list[tuple[int, int, Any]] = field(default_factory=list)
    files: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)

    def happens(self, kind: str, value: dict[str, Any]) -> int:
        """Something happens that the bot is told of; the update's number."""
        self.queue.append({"update_id": self.next_update, kind: value})
        self.arrived[self.next_update] = self.now()
        self.next_update += 1
        return self.next_update - 1

    def message(self, chat: dict[str, Any], text: str | None = "werkt niet", **more: Any) -> dict[str, Any]:
        """A message as it stands in a chat."""
        number = self.next_message.get(chat["id"], 41) + 1
        self.next_message[chat["id"]] = number
        made = {"message_id": number, "from": PIET, "chat": chat, "date": int(self.now().timestamp())}
        if text is not None:
            made |= {"text": text, "entities": []}
        return {name: value for name, value in {**made, **more}.items() if value is not None}

    def says(self, chat: dict[str, Any], text: str | None = "werkt niet", **more: Any) -> dict[str, Any]:
        """Somebody writes; the message."""
        made = self.message(chat, text, **more)
        self.happens("channel_post" if chat["type"] == "channel" else "message", made)
        return made

    def expire(self) -> None:
        """Telegram forgets what waited for 24 hours."""
        oldest = self.now() - timedelta(hours=24)
        self.queue = [each for each in self.queue if self.arrived[each["update_id"]] >= oldest]

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith(f"/file/bot{self.token}/"):
            path = asked.path.removeprefix(f"/file/bot{self.token}/")
            found = next((body for known, body in self.files.values() if known == path), None)
            return refusal(404, "Not Found") if found is None else Answer(found, headers={"Content-Type": "image/jpeg"})
        owner, method = asked.path.removeprefix("/bot").rsplit("/", 1)
        if owner != self.token:
            return refusal(401, "Unauthorized")
        body = asked.json or asked.query
        return getattr(self, f"_{method.lower()}")(body)  # type: ignore[no-any-return]

    def _getme(self, _: Any) -> Answer:
        return Answer({"ok": True, "result": BOT})

    def _getwebhookinfo(self, _: Any) -> Answer:
        found = {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self.queue)}
        return Answer({"ok": True, "result": found})

    def _deletewebhook(self, _: Any) -> Answer:
        self.webhook = ""
        return Answer({"ok": True, "result": True, "description": "Webhook was deleted"})

    def _getupdates(self, query: dict[str, str]) -> Answer:
        if self.webhook:
            words = (
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            )
            return refusal(409, words)
        self.expire()
        offset = int(query.get("offset", "0"))
        self.queue = [each for each in self.queue if each["update_id"] >= offset]
        wanted = json.loads(query["allowed_updates"])
        shown = [each for each in self.queue if set(each) & set(wanted)]
        return Answer({"ok": True, "result": shown[: int(query["limit"])]})

    def _getchatmember(self, query: dict[str, str]) -> Answer:
        if int(query["chat_id"]) in self.admin_in:
            rights = {"can_delete_messages": True, "can_be_edited": False, "is_anonymous": False}
            return Answer({"ok": True, "result": {"status": "administrator", "user": BOT, **rights}})
        return Answer({"ok": True, "result": {"status": "member", "user": BOT}})

    def _getfile(self, query: dict[str, str]) -> Answer:
        if query["file_id"] not in self.files:
            return refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, body = self.files[query["file_id"]]
        told = {"file_id": query["file_id"], "file_unique_id": "b", "file_size": len(body), "file_path": path}
        return Answer({"ok": True, "result": {name: value for name, value in told.items() if value is not None}})

    def _sendmessage(self, body: dict[str, Any]) -> Answer:
        if len(body["text"]) > 4096:
            return refusal(400, "Bad Request: message is too long")
        chat = next(each for each in (PRIVATE, GROUP, CHANNEL, TALK) if each["id"] == body["chat_id"])
        made = self.message(chat, body["text"], **{"from": {k: v for k, v in BOT.items() if not k.startswith("can")}})
        self.sent.append({**made, "asked": body})
        return Answer({"ok": True, "result": made})

    def _setmessagereaction(self, body: dict[str, Any]) -> Answer:
        self.reactions.append((body["chat_id"], body["message_id"], body["reaction"]))
        return Answer({"ok": True, "result": True})

    def _deletemessage(self, body: dict[str, Any]) -> Answer:
        key = (body["chat_id"], body["message_id"])
        if key in self.removed:
            return refusal(400, "Bad Request: message to delete not found")
        own = any((each["chat"]["id"], each["message_id"]) == key for each in self.sent)
        if not own and body["chat_id"] not in self.admin_in:
            return refusal(400, "Bad Request: message can't be deleted")
        self.removed.append(key)
        return Answer({"ok": True, "result": True})
