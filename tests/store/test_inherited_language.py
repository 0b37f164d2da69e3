"""What does not tell its language has that of its author, or of its channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from store import schema
from store.commit.inheriting import usual
from store.engine import Store
from store.ingest import commit_page
from store.rollups import check_rollups
from tests.store.making import NOW, mention, page, person

PIET = person("p1", name="Piet")


def told(key: str, lang: str, **parts: Any) -> Any:
    return mention(key, lang=lang, lang_confidence=0.95, published_at=NOW - timedelta(hours=1), **parts)


def silent(key: str, **parts: Any) -> Any:
    return mention(key, text="👍", lang="und", lang_confidence=0.0, published_at=NOW, **parts)


def stored(store: Store, key: str) -> Any:
    with store.read() as conn:
        return conn.execute(select(schema.mention).where(schema.mention.c.external_id == key)).one()


def test_an_author_who_writes_dutch_here_is_taken_to_write_dutch(store: Store) -> None:
    commit_page(store, page(told("1", "nl", author=PIET), told("2", "nl", author=PIET), told("3", "en", author=PIET)))
    commit_page(store, page(silent("4", author=PIET)))
    row = stored(store, "4")
    assert (row.lang, row.lang_confidence) == ("nl", 0.0)
    assert "lang_inherited" in row.flags
    with store.read() as conn:
        card = conn.execute(
            select(schema.conversation.c.lang).where(schema.conversation.c.id == row.conversation_id)
        ).scalar_one()
    assert card == "nl"
    assert check_rollups(store, timezone="UTC") == []


def test_somebody_unknown_has_the_language_of_the_channel_once_it_is_plain(store: Store) -> None:
    commit_page(store, page(*(told(str(number), "de") for number in range(19))))
    commit_page(store, page(silent("early", author=PIET)))
    assert stored(store, "early").lang == "und"
    commit_page(store, page(*(told(str(number), "de") for number in range(19, 30))))
    commit_page(store, page(silent("late")))
    assert stored(store, "late").lang == "de"


def test_what_was_inherited_is_not_learnt_from(store: Store) -> None:
    commit_page(store, page(told("1", "nl", author=PIET)))
    commit_page(store, page(*(silent(f"s{number}", author=PIET) for number in range(15))))
    commit_page(store, page(told("2", "en", author=PIET), told("3", "en", author=PIET)))
    commit_page(store, page(silent("last", author=PIET)))
    assert stored(store, "last").lang == "en"


def test_what_no_detector_looked_at_stays_open(store: Store) -> None:
    commit_page(store, page(told("1", "nl", author=PIET)))
    commit_page(store, page(mention("2", lang="und", author=PIET)))
    assert stored(store, "2").lang == "und"


@given(st.dictionaries(st.sampled_from(["nl", "en", "de"]), st.integers(1, 50)), st.floats(0.51, 1.0))
def test_a_usual_language_has_its_share_and_there_is_only_one(counts: dict[str, int], share: float) -> None:
    found = usual(counts, share=share, least=1)
    total = sum(counts.values())
    assert {found} - {""} == {code for code in counts if counts[code] >= share * total}
