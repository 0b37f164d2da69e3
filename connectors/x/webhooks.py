"""Deliveries of X: of its activity API, of the older account activity, and of the filtered stream.

    GET   crc_token                          {"response_token": "sha256=<base64 HMAC-SHA256(consumer secret, token)>"}
    POST  x-twitter-webhooks-signature: sha256=<base64 HMAC-SHA256(consumer secret, raw body)>
          {"data": {"event_type", "filter": {"user_id"}, "payload"}}        activity; a post costs as one that is read
          {"for_user_id", "tweet_create_events": [...], ...}                account activity
          {"data": {a post}, "matching_rules": [...]}                       filtered stream

The challenge signs what anybody sends, with the secret that signs deliveries: a token that could be a delivery is not
signed. Source: X developer documentation, "Securing webhooks" and "X Activity API" (docs/webhooks.md).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

import orjson

from connectors.errors import FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Deleted, Json
from connectors.webhooks import Delivery, Greeting, Signing, Told, any_same
from connectors.x import prices
from connectors.x.options import XOptions

HEADER = "x-twitter-webhooks-signature"
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.-]{1,300}")
_POSTS = frozenset({"post.create", "post.mention.create", "post.quote.create", "post.reply.create"})
_MESSAGES = frozenset({"dm.received", "dm.sent"})
_OLD = ("tweet_create_events", "direct_message_events")


class XSigning(Signing):
    """One app at X: its consumer secret (API key secret) signs both ways."""

    def greet(self, params: Mapping[str, str]) -> Greeting | None:
        """Answer the challenge."""
        token = params.get("crc_token", "")
        if not _TOKEN.fullmatch(token):
            return None
        return Greeting(orjson.dumps({"response_token": self._written(token.encode())[0]}), "application/json")

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Over the raw bytes. What could be a challenge's token is no delivery."""
        return body.lstrip().startswith(b"{") and any_same(headers.get(HEADER, ""), self._written(body))

    def _written(self, message: bytes) -> list[str]:
        return [f"sha256={base64.b64encode(mac).decode()}" for mac in self.macs(message)]


def told(delivery: Delivery, options: XOptions) -> Told | None:
    """See the contract. Likes, reposts, follows and changed profiles are no reason to look."""
    said = delivery.read()
    data, us = part(said, "data"), options.account_id
    if text_of(data, "event_type") is not None:
        return _activity(data, us) if us is not None and text_of(part(data, "filter"), "user_id") == us else None
    if text_of(said, "for_user_id") is not None:
        return _account_activity(said) if said["for_user_id"] == us else None
    if data and isinstance(said.get("matching_rules"), list):
        return Told(due=True, spent=prices.price(prices.POST)) if options.search or options.terms else None
    msg = "the delivery says nothing of what it is about"
    raise FormatChanged(msg)


def _activity(data: dict[str, Json], us: str) -> Told:
    kind, payload = text_of(data, "event_type") or "", part(data, "payload")
    if kind == "post.delete":
        key = text_of(payload, "id")
        ours = key is not None and text_of(payload, "author_id") in {None, us}
        return Told(deleted=(Deleted(key),) if key is not None and ours else (), spent=prices.price(prices.POST))
    cost = prices.POST if kind.startswith("post.") else prices.EVENT if kind in _MESSAGES else 0.0
    return Told(due=kind in _POSTS | _MESSAGES, spent=prices.price(cost) if cost else None)


def _account_activity(said: dict[str, Json]) -> Told:
    gone = [part(each, "status") for each in items_of(said, "tweet_delete_events") if isinstance(each, dict)]
    keys = [key for each in gone if (key := text_of(each, "id")) is not None]
    return Told(due=any(items_of(said, kind) for kind in _OLD), deleted=tuple(map(Deleted, keys)))
