"""The door to noise rules: checks who is there, and delegates."""

from __future__ import annotations

from datetime import datetime

from inbox.entrance import Entrance
from inbox.noise import applying, back, dry_run, files, keeping, marking, showing, suggesting
from inbox.noise.index import Entry, Kind
from inbox.noise.marking import Scope
from inbox.noise.views import (
    Aside,
    AsidePage,
    Imported,
    NoiseDraft,
    NoiseRow,
    NoiseTotals,
    NoiseTrial,
    NoiseView,
    Reach,
    Suggestion,
)
from inbox.permissions import Permission
from inbox.rules.views import Progress
from inbox.views import CurrentUser, Done


class Noise:
    """Noise rules, as screens see them.

    Who is signed in may read them; who works on conversations makes them from a conversation, and may change those they
    made; the page, lists and suggestions are for who may manage work.
    """

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def reach(self, token: str, conversation_id: int) -> tuple[Reach, ...]:
        """How much else is open of its author, of its site, or like it, as `mark` with `everything` would set aside.

        Raises:
            NotFound: there is no such conversation.
        """
        self._entrance.agent(token)
        return marking.reach(self._desk, conversation_id)

    def mark(
        self,
        token: str,
        conversation_id: int,
        scope: Scope,
        *,
        text: str = "",
        version: int | None = None,
        everything: bool = False,
    ) -> Done:
        """Mark as spam, and everything of this author, site, word or text from now on; undone as one step.

        `everything`: also what is open now, at most 200 conversations; how many stands in `noise_everything` of its
        params.

        Raises:
            BadInput: there is no such thing in the message, or the rule would cost conversations that were kept.
            NotFound, ClaimedByOther, Changed, MoveRefused: see `inbox.errors`.
        """
        user = self._entrance.agent(token)
        return marking.mark(self._desk, user, conversation_id, scope, text=text, version=version, everything=everything)

    def listing(self, token: str) -> tuple[NoiseRow, ...]:
        """All rules with how often they hit; the busiest of this week first."""
        self._entrance.user(token)
        return showing.listing(self._desk)

    def open(self, token: str, rule_id: int) -> NoiseView:
        """One rule with its hits per day and its history. Raises: NotFound."""
        self._entrance.user(token)
        return showing.opened(self._desk, rule_id)

    def totals(self, token: str) -> NoiseTotals:
        """How much was set aside, and how much of it came back."""
        self._entrance.user(token)
        return showing.totals(self._desk)

    def set_aside(
        self, token: str, *, rule_id: int | None = None, before: tuple[datetime, int] | None = None
    ) -> AsidePage:
        """A page of what was set aside, newest first, by all rules or by one."""
        self._entrance.user(token)
        return showing.set_aside(self._desk, rule_id=rule_id, before=before)

    def proposed(self, token: str) -> tuple[Aside, ...]:
        """Open conversations that rules which only propose would set aside."""
        self._entrance.user(token)
        return showing.proposed(self._desk)

    def trial(self, token: str, draft: NoiseDraft, *, days: int = 30, limit: int = 5_000) -> NoiseTrial:
        """What a rule would have set aside over the last days, and what good it would have cost. Changes nothing.

        Raises:
            BadInput, BadSearch: what it says cannot be kept.
        """
        self._manager(token)
        value = keeping.value_of(draft.kind, draft.text)
        entry = Entry(0, draft.kind, value, draft.platform, draft.brand_id, draft.source_id, direct=draft.direct)
        (told,) = dry_run.trial(self._desk, [entry], days=days, limit=limit)
        return told

    def save(self, token: str, draft: NoiseDraft) -> int:
        """Keep a rule, switched on; gives its id. One that stands already is switched on.

        Raises:
            BadInput, BadSearch: what it says cannot be kept.
        """
        user = self._manager(token)
        value = keeping.value_of(draft.kind, draft.text)
        with self._desk.store.write() as conn:
            rule_id, _new = keeping.make(self._desk, conn, user, draft, value=value, origin="page")
        return rule_id

    def switch(self, token: str, rule_id: int, *, on: bool) -> None:
        """Switch a rule on or off; what it set aside stays. Raises: NotFound, NotAllowed."""
        keeping.switch(self._desk, self._entrance.agent(token), rule_id, on=on)

    def propose(self, token: str, rule_id: int, *, proposes: bool) -> None:
        """Let a rule only propose, or set aside by itself. Raises: NotFound, NotAllowed."""
        keeping.propose(self._desk, self._entrance.agent(token), rule_id, proposes=proposes)

    def apply(self, token: str, rule_id: int, progress: Progress | None = None) -> Progress:
        """Set aside what is open now and meets a rule, a stretch at a time; call again until it is `done`.

        Raises:
            NotFound, NotAllowed: no such rule, or somebody else's.
        """
        return applying.apply(self._desk, self._entrance.agent(token), rule_id, progress)

    def take_back(self, token: str, rule_id: int, progress: Progress | None = None) -> Progress:
        """End a rule and bring back what it set aside, a stretch at a time; call again until it is `done`.

        What a person touched since stays, and what another rule in use meets too.

        Raises:
            NotFound, NotAllowed: no such rule, or somebody else's.
        """
        return back.take_back(self._desk, self._entrance.agent(token), rule_id, progress)

    def suggestions(self, token: str) -> tuple[Suggestion, ...]:
        """Rules that agents' own marks speak for. Nothing is switched on by itself."""
        self._entrance.reader(token, Permission.MANAGE_WORK)
        return suggesting.suggestions(self._desk)

    def accept(self, token: str, key: tuple[Kind, str]) -> int:
        """Make the rule that is suggested; gives its id. Raises: NotFound."""
        return suggesting.accept(self._desk, self._manager(token), key)

    def decline(self, token: str, key: tuple[Kind, str]) -> None:
        """Say no to a suggestion; it comes back when twice as many marks speak for it. Raises: NotFound."""
        suggesting.decline(self._desk, self._manager(token), key)

    def export_list(self, token: str) -> str:
        """Rules about authors, sites, words and patterns as CSV."""
        self._entrance.require(token, Permission.EXPORT)
        return files.exported(self._desk)

    def import_list(self, token: str, data: bytes) -> Imported:
        """Make a rule of every line of a CSV file. Raises: BadInput."""
        return files.imported(self._desk, self._manager(token), data)

    def _manager(self, token: str) -> CurrentUser:
        return self._entrance.require(token, Permission.MANAGE_WORK)
