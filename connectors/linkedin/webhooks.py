"""Deliveries of LinkedIn: news of comments and mentions, for apps of the standard tier.

    GET   challengeCode=<uuid>    {"challengeCode", "challengeResponse": <hex HMAC-SHA256(client secret, code)>}
    POST  X-LI-Signature: <hex HMAC-SHA256(client secret, "hmacsha256=" + raw body)>
          {"notifications": [{"notificationId", "organizationalEntity", "action", "lastModifiedAt"}]}

The challenge signs what anybody sends: only what looks like its codes is signed. Source: LinkedIn's documentation,
"Webhooks" (docs/webhooks.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import orjson

from connectors.errors import FormatChanged
from connectors.fields import items_of, number_of, text_of
from connectors.instants import parse_unix
from connectors.webhooks import Delivery, Greeting, Signing, Told, any_same, read_body

HEADER = "x-li-signature"
_PREFIX = "hmacsha256="
_CODE = re.compile(r"[0-9A-Fa-f-]{1,64}")


class LinkedInSigning(Signing):
    """One app at LinkedIn: its client secret signs both ways."""

    def greet(self, params: Mapping[str, str]) -> Greeting | None:
        """Answer the challenge."""
        code = params.get("challengeCode", "")
        if not _CODE.fullmatch(code):
            return None
        answer = {"challengeCode": code, "challengeResponse": self.hex_macs(code.encode())[0]}
        return Greeting(orjson.dumps(answer), "application/json")

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Over a word and the raw bytes."""
        given = headers.get(HEADER, "").removeprefix(_PREFIX)
        return any_same(given, self.hex_macs(_PREFIX.encode() + body))

    def told_at(self, headers: Mapping[str, str], body: bytes) -> datetime | None:  # noqa: ARG002 -- it is in the body
        """The newest of its notifications."""
        try:
            entries = items_of(read_body(body), "notifications")
            times = [number_of(each, "lastModifiedAt") for each in entries if isinstance(each, dict)]
            return max((parse_unix(each / 1000) for each in times if each is not None), default=None)
        except (FormatChanged, ValueError):
            return None


def told(delivery: Delivery, organization: str) -> Told | None:
    """See the contract. What happened is told by LinkedIn's list of news, which is read now."""
    said = delivery.read()
    if not isinstance(said.get("notifications"), list):
        msg = "the delivery has no notifications"
        raise FormatChanged(msg)
    pages = {
        text_of(each, "organizationalEntity") for each in items_of(said, "notifications") if isinstance(each, dict)
    }
    return Told(due=True) if organization in pages else None
