"""The door to automation rules: checks who is there, and delegates."""

from __future__ import annotations

from datetime import datetime

from inbox.entrance import Entrance
from inbox.permissions import Permission
from inbox.rules import applying, keeping, reading
from inbox.rules import dry_run as trying
from inbox.rules.language import Draft
from inbox.rules.views import DryRun, Explanation, Progress, RuleRow, RuleView
from inbox.views import Done


class Rules:
    """Automation rules. Everybody who is signed in may read them; changing them is for who may manage work."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def listing(self, token: str) -> tuple[RuleRow, ...]:
        """All rules in the order in which they are asked, with how often they hit."""
        self._entrance.user(token)
        return reading.listing(self._desk)

    def open(self, token: str, rule_id: int) -> RuleView:
        """One rule with its hits per day and its history. Raises: NotFound."""
        self._entrance.user(token)
        return reading.opened(self._desk, rule_id)

    def save(self, token: str, draft: Draft, *, rule_id: int | None = None, seen: datetime | None = None) -> int:
        """Keep a new rule (at the end, switched on) or a new text of one; gives its id.

        Raises:
            BadInput, BadSearch: what it says cannot be kept, or it changed since `seen`.
            NotFound: no such rule, team or person.
        """
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return keeping.save(self._desk, user, draft, rule_id=rule_id, seen=seen)

    def move(self, token: str, rule_id: int, *, by: int) -> None:
        """Move a rule so many places down; up when negative."""
        keeping.move(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), rule_id, by)

    def switch(self, token: str, rule_id: int, *, on: bool) -> None:
        """Switch a rule on or off."""
        keeping.switch(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), rule_id, on=on)

    def archive(self, token: str, rule_id: int) -> None:
        """Take a rule out of use for good."""
        keeping.archive(self._desk, self._entrance.require(token, Permission.MANAGE_WORK), rule_id)

    def dry_run(
        self, token: str, draft: Draft, *, rule_id: int | None = None, days: int = 30, limit: int = 5_000
    ) -> DryRun:
        """What a rule would have done over the last days. Changes nothing.

        Raises:
            BadInput, BadSearch: what it says cannot be kept.
        """
        self._entrance.require(token, Permission.MANAGE_WORK)
        return trying.dry_run(self._desk, draft, rule_id=rule_id, days=days, limit=limit)

    def apply(self, token: str, rule_id: int, progress: Progress | None = None) -> Progress:
        """Run a kept rule over the next stretch of what is open now; call again with the answer until it is `done`."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return applying.apply(self._desk, user, rule_id, progress)

    def take_back_run(self, token: str, rule_id: int, progress: Progress | None = None) -> Progress:
        """Take back what the last run over open work did, a stretch at a time. Raises: UndoRefused."""
        user = self._entrance.require(token, Permission.MANAGE_WORK)
        return applying.take_back_run(self._desk, user, rule_id, progress)

    def take_back(self, token: str, event_id: int) -> Done:
        """Take back one hit, at any time; the rule leaves this conversation alone from then on.

        Raises:
            NotFound, UndoRefused, ClaimedByOther: see `inbox.errors`.
        """
        return applying.take_back(self._desk, self._entrance.agent(token), event_id)

    def explain(self, token: str, conversation_id: int) -> Explanation:
        """Which rules hit a conversation and why, and what they would do with its newest message now."""
        self._entrance.user(token)
        return reading.explain(self._desk, conversation_id)
