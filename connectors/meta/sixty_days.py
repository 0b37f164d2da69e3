"""A login that lives sixty days and can be renewed while it lives, once it is a day old (Instagram login, Threads)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged
from connectors.fields import number_of, text_of
from connectors.meta.graph import Graph
from connectors.requests import HttpRequest, HttpResponse

LIVES = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class SixtyDays:
    """A kept login.

    Attributes:
        token: the access token.
        ends_at: aware UTC instant at which it dies; None when unknown.
        app_secret: of the app, when it was kept too.
    """

    token: str | None = field(default=None, repr=False)
    ends_at: datetime | None = None
    app_secret: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> SixtyDays:
        """Read what was kept."""
        try:
            ends = datetime.fromisoformat(kept["ends_at"]) if "ends_at" in kept else None
        except ValueError:
            ends = None
        if ends is not None and ends.tzinfo is None:
            ends = ends.replace(tzinfo=UTC)
        return cls(kept.get("token"), ends, kept.get("app_secret"))

    def kept(self) -> dict[str, str] | None:
        """As it is to be kept; None without a token."""
        if self.token is None:
            return None
        known = {"token": self.token, "app_secret": self.app_secret}
        if self.ends_at is not None:
            known["ends_at"] = self.ends_at.isoformat()
        return {key: value for key, value in known.items() if value is not None}

    def refresh(self, graph: Graph, base: str, word: str) -> HttpRequest:
        """Ask for a new one.

        Args:
            graph: the API, with this login.
            base: its address without a version.
            word: how the API names this grant.
        """
        asked = replace(graph, base=base).request(
            "refresh_access_token", params=(("grant_type", word),), step="refresh"
        )
        return replace(asked, params=tuple(pair for pair in asked.params if pair[0] != "appsecret_proof"))

    def refreshed(self, graph: Graph, response: HttpResponse) -> SixtyDays:
        """Take the new one.

        Raises:
            AuthDead: it was refused, so that a person has to log in.
        """
        try:
            body = replace(graph, renewable=False).body(response)
        except (BadRequest, Forbidden) as error:
            msg = f"the login at {graph.platform} cannot be renewed ({error}): log in again with `{graph.connect}`"
            raise AuthDead(msg) from error
        token = text_of(body, "access_token")
        if token is None:
            msg = f"{graph.platform} answered the renewal without a token"
            raise FormatChanged(msg)
        seconds = number_of(body, "expires_in")
        lives = LIVES if seconds is None else timedelta(seconds=min(seconds, int(LIVES.total_seconds())))
        return replace(self, token=token, ends_at=response.received_at + lives)
