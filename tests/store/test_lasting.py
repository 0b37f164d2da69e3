"""What one sight of a mention knew, no other takes away: an edit or a recheck does not know how a message came."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.commit.deciding import LASTING, MAX_EDITS, flags_after
from store.commit.known import KnownMention
from store.engine import Store
from store.ingest import commit_page
from store.records import CONTEXT, DeletedRecord
from store.rollups import check_rollups
from store.schema import mention as mentions
from tests.store.making import NOW, mention, page

FLAGS = ("addressed", CONTEXT, "old", "flapping", "date_future", "date_missing", "text_cut", "rating_unclear")


@dataclass(frozen=True)
class Sight:
    """One sight of the message: in a list, or asked about by its id."""

    addressed: bool
    context: bool
    edited: bool
    asked: bool
    gone: bool

    @property
    def flags(self) -> tuple[str, ...]:
        return tuple(flag for flag, there in (("addressed", self.addressed), (CONTEXT, self.context)) if there)


SIGHTS = st.builds(
    Sight,
    addressed=st.booleans(),
    context=st.booleans(),
    edited=st.booleans(),
    asked=st.booleans(),
    gone=st.integers(0, 5).map(lambda drawn: drawn == 0),
)


@contextmanager
def _fresh_namespace(store: Store) -> Iterator[str]:
    """Another message for each drawn example: the database is made once."""
    with store.read() as conn:
        yield f"forum:{len(conn.execute(select(mentions.c.id)).all())}.example"


def _flags(store: Store, namespace: str) -> set[str]:
    with store.read() as conn:
        return set(conn.execute(select(mentions.c.flags).where(mentions.c.namespace == namespace)).scalar_one() or ())


@given(first=SIGHTS.filter(lambda sight: not sight.gone), later=st.lists(SIGHTS, max_size=6))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_seen_later_a_message_stays_addressed_and_context_stays_context(
    store: Store, first: Sight, later: list[Sight]
) -> None:
    with _fresh_namespace(store) as namespace:
        addressed, text = False, "eerste"
        for number, sight in enumerate([first, *later]):
            at = NOW + timedelta(hours=2 * number)
            if sight.gone:
                commit_page(store, page(deleted=(DeletedRecord("1", namespace),), asked=sight.asked, fetched_at=at))
                continue
            text = f"versie {number}" if sight.edited else text
            seen = mention(namespace=namespace, text=text, flags=sight.flags)
            commit_page(store, page(seen, asked=sight.asked, fetched_at=at))
            addressed = addressed or sight.addressed
            kept = _flags(store, namespace)
            assert ("addressed" in kept) == addressed
            assert (CONTEXT in kept) == first.context, "context is what was first seen as such, and nothing else"
        assert check_rollups(store, timezone="UTC") == []


@given(
    known=st.sets(st.sampled_from(FLAGS)), seen=st.sets(st.sampled_from(FLAGS)), revision=st.integers(0, MAX_EDITS + 1)
)
def test_flags_of_how_it_came_last_and_flags_of_the_text_follow_the_text(
    known: set[str], seen: set[str], revision: int
) -> None:
    after = set(flags_after(mention(flags=tuple(sorted(seen))), _known(tuple(sorted(known)), revision)))
    assert known & LASTING <= after
    assert after - LASTING == seen - LASTING
    assert (CONTEXT in after) == (CONTEXT in known)
    assert revision < MAX_EDITS or "flapping" in after


@pytest.mark.parametrize("text", ["Bedankt!", "message 1"])
def test_handles_that_an_answer_by_id_does_not_know_stay_as_they_came(store: Store, text: str) -> None:
    commit_page(store, page(mention(extra={"topic": 7, "version": 1}, flags=("addressed",))))
    later = NOW + timedelta(days=1)
    commit_page(store, page(mention(text=text, extra={"version": 2}), asked=True, fetched_at=later))
    with store.read() as conn:
        row: Any = conn.execute(select(mentions)).one()
    assert row.extra["topic"] == 7
    assert row.extra["version"] == (2 if text == "Bedankt!" else 1)
    assert row.flags == ["addressed"]


def _known(flags: tuple[str, ...], revision: int) -> KnownMention:
    return KnownMention(
        mention_id=1,
        content_hash=b"",
        conversation_id=1,
        source_id="forum",
        author_id=None,
        direction="inbound",
        rating=None,
        counts=(None, None, None, None),
        published_at=NOW,
        sort_at=NOW,
        edited_at=None,
        first_seen_at=NOW,
        last_seen_at=NOW,
        deleted_at=None,
        dup_of=None,
        dup_hash=None,
        flags=flags,
        revision=revision,
    )
