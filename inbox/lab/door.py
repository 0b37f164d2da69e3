"""The door to the query lab: checks who is there, and delegates."""

from __future__ import annotations

from datetime import datetime

from inbox.entrance import Entrance
from inbox.lab import backtest, labelling, proposals, sets, versions
from inbox.lab.backtest import BackTest
from inbox.lab.checking import check
from inbox.lab.views import (
    BrandLab,
    BrandRef,
    Checked,
    Findings,
    Precision,
    Proposals,
    QueryChange,
    SetState,
    ToLabel,
)
from inbox.permissions import Permission


class QueryLab:
    """Queries of brands. Whoever sees figures may try, measure and label; saving is for who may manage queries."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._desk = entrance.desk

    def brands(self, token: str) -> tuple[BrandRef, ...]:
        """All brands, our own before competitors."""
        self._entrance.reader(token, Permission.FIGURES)
        return versions.refs(self._desk)

    def open(self, token: str, brand_id: str) -> BrandLab:
        """A brand's query with its versions, its mentions per day, and when it changed. Raises: NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return versions.opened(self._desk, brand_id)

    def check(self, token: str, text: str) -> Checked:
        """What is wrong with a text, where, and what to write instead; and how its parts are marked."""
        self._entrance.reader(token, Permission.FIGURES)
        return check(text)

    def begin(self, token: str, brand_id: str, text: str, *, days: int | None = 90) -> BackTest:
        """A back-test that has not begun; `go_on` works on it. Raises: BadSearch, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return backtest.begin(self._desk, brand_id, text, days=days)

    def go_on(self, token: str, job: BackTest, *, for_s: float = 0.25) -> Findings:
        """Work on a back-test for so many seconds; what it found so far. Call again until it is not `running`."""
        self._entrance.reader(token, Permission.FIGURES)
        return backtest.go_on(self._desk, job, for_s=for_s)

    def sets(self, token: str, brand_id: str, text: str) -> tuple[SetState, ...]:
        """The ready-made exclusion sets: which the text holds, and what each takes away."""
        self._entrance.reader(token, Permission.FIGURES)
        return sets.states(self._desk, brand_id, text)

    def switched(self, token: str, text: str, set_id: str, *, on: bool) -> str:
        """The text with an exclusion set or without it; nothing is saved. Raises: BadSearch, NotFound."""
        self._entrance.reader(token, Permission.FIGURES)
        return sets.switched(text, set_id, on=on)

    def precision(self, token: str, brand_id: str, text: str) -> Precision:
        """How precise a text is, as far as people labelled what it finds."""
        self._entrance.reader(token, Permission.FIGURES)
        return labelling.precision(self._desk, brand_id, text)

    def next_to_label(self, token: str, job: BackTest) -> ToLabel | None:
        """The next of the random sample of what a tested text finds; None when there is none left."""
        self._entrance.reader(token, Permission.FIGURES)
        return labelling.next_one(self._desk, job)

    def label(self, token: str, brand_id: str, text: str, item_id: int, *, relevant: bool | None) -> Precision:
        """Say whether something that a text finds is meant; None passes it over. Raises: BadSearch, NotFound."""
        user = self._entrance.require(token, Permission.FIGURES)
        return labelling.label(self._desk, user, brand_id, text, item_id, relevant=relevant)

    def take_label_back(self, token: str, brand_id: str, text: str, item_id: int) -> Precision:
        """Forget a label; the thing is asked about again."""
        self._entrance.require(token, Permission.FIGURES)
        return labelling.take_back(self._desk, brand_id, text, item_id)

    def proposals(self, token: str, brand_id: str, text: str) -> Proposals:
        """Phrases to leave out, learned from what agents judged, each with its use and its cost. Raises: BadSearch."""
        self._entrance.reader(token, Permission.FIGURES)
        return proposals.proposals(self._desk, brand_id, text)

    def accepted(self, token: str, text: str, clause: str) -> str:
        """The text with a proposal in it; nothing is saved. Raises: BadSearch."""
        self._entrance.reader(token, Permission.FIGURES)
        return proposals.accepted(text, clause)

    def dismiss(self, token: str, brand_id: str, phrase: str) -> None:
        """Propose a phrase no more for a brand."""
        user = self._entrance.require(token, Permission.MANAGE_QUERIES)
        proposals.dismiss(self._desk, user, brand_id, phrase)

    def save(self, token: str, brand_id: str, text: str, *, seen: int | None = None) -> int:
        """Keep a new version that counts from now on; gives its id. `seen`: the version that it was made from.

        Raises:
            BadSearch: it cannot be read, or only excludes.
            BadInput: it says what counts already, or another version was saved since `seen`.
            NotFound: no such brand.
        """
        user = self._entrance.require(token, Permission.MANAGE_QUERIES)
        return versions.save(self._desk, brand_id, text, author=user.login, user_id=user.id, seen=seen)

    def go_back(self, token: str, version_id: int) -> int:
        """Let an earlier version count again, as a new one. Raises: BadSearch, BadInput, NotFound."""
        user = self._entrance.require(token, Permission.MANAGE_QUERIES)
        return versions.go_back(self._desk, version_id, author=user.login, user_id=user.id)

    def query_changes(self, token: str, brand_id: str, start: datetime, end: datetime) -> tuple[QueryChange, ...]:
        """When a brand's query changed in [start, end), for marks in trend charts. Raises: NotFound."""
        self._entrance.user(token)
        return versions.query_changes(self._desk, brand_id, start, end)
