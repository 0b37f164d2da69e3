"""Deliveries of TikTok: that something happened to a comment (`comment.update`).

    POST  Tiktok-Signature: t=<unix>,s=<hex HMAC-SHA256(client secret, t + "." + raw body)>
          {"event": "comment.update", "user_openid", "content"}; the content is JSON in a text: {"comment_id",
          "comment_action": insert | delete | set_to_hidden | set_to_friends_only | set_to_public}

Source: TikTok Business API documentation, "Webhooks" (docs/webhooks.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.errors import FormatChanged
from connectors.fields import number_of, text_of
from connectors.instants import parse_unix
from connectors.items import Deleted
from connectors.webhooks import Delivery, Greeting, Signing, Told, any_same, read_body

HEADER = "tiktok-signature"


class TikTokSigning(Signing):
    """One app at TikTok: its client secret signs, together with the instant of sending."""

    window: ClassVar[timedelta] = timedelta(minutes=5)

    def greet(self, params: Mapping[str, str]) -> Greeting | None:  # noqa: ARG002 -- TikTok does not ask
        """TikTok does not greet."""
        return None

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Over the instant and the raw bytes."""
        parts = _parts(headers)
        return any_same(parts.get("s", ""), self.hex_macs(parts.get("t", "").encode() + b"." + body))

    def told_at(self, headers: Mapping[str, str], body: bytes) -> datetime | None:  # noqa: ARG002 -- in the header
        """The signed instant; one that is none is long ago."""
        stamp = _parts(headers).get("t", "")
        try:
            return parse_unix(int(stamp) if stamp.isdecimal() else 0)
        except ValueError:
            return parse_unix(0)


def told(delivery: Delivery, account: str | None) -> Told | None:
    """See the contract.

    Args:
        delivery: what came in.
        account: id of ours; None when it is not known (yet).
    """
    said = delivery.read()
    event = text_of(said, "event")
    if event is None:
        msg = "the delivery does not say what happened"
        raise FormatChanged(msg)
    if account is not None and text_of(said, "user_openid") not in {None, account}:
        return None
    if event != "comment.update":
        return Told()
    content = read_body((text_of(said, "content") or "{}").encode())
    key = number_of(content, "comment_id")
    if content.get("comment_action") == "delete" and key is not None:
        return Told(deleted=(Deleted(str(key)),))
    return Told(due=True)


def _parts(headers: Mapping[str, str]) -> dict[str, str]:
    pairs = (each.strip().partition("=") for each in headers.get(HEADER, "").split(","))
    return {name: value for name, _, value in pairs}
