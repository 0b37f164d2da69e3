"""Deliveries of Meta: Facebook pages, Instagram accounts, Threads, and the messages of the first two.

    GET   hub.mode=subscribe, hub.verify_token, hub.challenge      answered with the challenge
    POST  X-Hub-Signature-256: sha256=<hex HMAC-SHA256(app secret, raw body)>
          {"object", "entry": [{"id", "time", "changes": [{"field", "value"}] | "messaging": [...] | "field", "value"}]}
          {"topic", "target_id", "time", "values": {"field", "value"}}                            (Threads)

At least once, unordered, up to 1000 changes at a time, tried again for 36 hours (docs/webhooks.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from connectors.errors import FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.instants import parse_unix
from connectors.items import Json
from connectors.webhooks import Delivery, Greeting, Signing, any_same, read_body, same

HEADER = "x-hub-signature-256"
_MILLISECONDS = 100_000_000_000


class MetaSigning(Signing):
    """One app at Meta: its secret signs, its verify token greets."""

    needs_verify_token: ClassVar[bool] = True

    def greet(self, params: Mapping[str, str]) -> Greeting | None:
        """Give the challenge back to who knows the verify token."""
        token, challenge = params.get("hub.verify_token"), params.get("hub.challenge")
        if params.get("hub.mode") != "subscribe" or token is None or challenge is None or self._verify_token is None:
            return None
        return Greeting(challenge.encode(), "text/plain") if same(token, self._verify_token) else None

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Over the raw bytes: Meta escapes what is not ASCII in a way of its own."""
        scheme, _, given = headers.get(HEADER, "").partition("=")
        return scheme == "sha256" and any_same(given, self.hex_macs(body))

    def told_at(self, headers: Mapping[str, str], body: bytes) -> datetime | None:  # noqa: ARG002 -- it is in the body
        """The newest of its entries."""
        try:
            told = read_body(body)
        except FormatChanged:
            return None
        times = [_instant(each.get("time")) for each in (told, *_entries(told))]
        return max((each for each in times if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a delivery tells.

    Attributes:
        account: id of the page or account it is about; None where the delivery does not say.
        field: what kind of thing changed; "messaging" for messages.
        value: what is told of it.
    """

    account: str | None
    field: str
    value: dict[str, Json]


def changes_in(delivery: Delivery, kind: str) -> Iterator[Change]:
    """What a delivery tells about objects of one kind (`page`, `instagram`), in each of the envelopes in use.

    Raises:
        FormatChanged: it is no delivery of Meta.
    """
    told = delivery.read()
    if not isinstance(told.get("object"), str):
        if isinstance(told.get("topic"), str):
            return  # of Threads
        msg = "the delivery says nothing of what it is about"
        raise FormatChanged(msg)
    if told["object"] != kind:
        return
    if not isinstance(told.get("entry"), list):
        msg = "the delivery has no entries"
        raise FormatChanged(msg)
    for entry in _entries(told):
        account = text_of(entry, "id")
        for change in (entry, *items_of(entry, "changes")):
            name = text_of(change, "field") if isinstance(change, dict) else None
            if isinstance(change, dict) and name is not None:
                yield Change(account, name, part(change, "value"))
        for message in (*items_of(entry, "messaging"), *items_of(entry, "standby")):
            yield Change(account, "messaging", message if isinstance(message, dict) else {})


def threads_changes_in(delivery: Delivery) -> Iterator[Change]:
    """What a delivery tells about Threads; `account` is what it was sent for, which may be a post.

    Raises:
        FormatChanged: it is no delivery of Meta.
    """
    told = delivery.read()
    if isinstance(told.get("object"), str):
        return  # of a page or an account on Instagram
    if not isinstance(told.get("topic"), str) or not isinstance(told.get("values"), dict | list):
        msg = "the delivery says nothing of what it is about"
        raise FormatChanged(msg)
    values = told["values"]
    for each in values if isinstance(values, list) else [values]:
        if isinstance(each, dict) and (name := text_of(each, "field")) is not None:
            yield Change(text_of(told, "target_id"), name, part(each, "value"))


def _entries(told: dict[str, Json]) -> list[dict[str, Json]]:
    return [each for each in items_of(told, "entry") if isinstance(each, dict)]


def _instant(value: Json) -> datetime | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return parse_unix(value / 1000 if value > _MILLISECONDS else value)
    except ValueError:
        return None
