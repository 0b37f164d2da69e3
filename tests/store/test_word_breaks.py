"""Both engines part words wherever the matcher does, letter by letter: what routing finds, a search can find."""

from __future__ import annotations

import random
import unicodedata

import pytest

from store.engine import Store
from store.search_nodes import Term, settle
from understanding.clean import printable
from understanding.fold import words

pytestmark = pytest.mark.slow
LETTERS = [code for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in {"Cn", "Co", "Cs"}]
_BETWEEN = " qqbetweenqq "


def _text(code: int) -> str:
    """A character inside a word, at its end, at its beginning and alone."""
    char = chr(code)
    return printable(f"q{char}z {char} q{char} {char}z")


def test_the_full_text_parts_words_at_every_character_where_the_matcher_does(store: Store) -> None:
    if store.is_sqlite:
        assert _missed_by_sqlite(store) == []
    else:
        rng = random.Random(1)
        some = [code for code in LETTERS if code < 0x3100 or 0x1F000 <= code < 0x1FC00] + rng.sample(LETTERS, 3_000)
        assert _missed_by_postgresql(store, some) == []


def _missed_by_sqlite(store: Store) -> list[str]:
    """Compares what the tokenizer makes of a text with what it makes of the matcher's words, each on its own."""
    missed = []
    with store.write() as conn:
        made = conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'mention_fts'").scalar_one()
        tokenizer = made[made.index("tokenize") : -1]
        conn.exec_driver_sql(f"CREATE VIRTUAL TABLE temp.tried USING fts5(text, {tokenizer})")
        conn.exec_driver_sql("CREATE VIRTUAL TABLE temp.cut USING fts5vocab(temp, tried, instance)")
        for start in range(0, len(LETTERS), 20_000):
            codes = LETTERS[start : start + 20_000]
            conn.exec_driver_sql("DELETE FROM tried")
            rows = [(2 * code, _text(code)) for code in codes]
            rows += [(2 * code + 1, _BETWEEN.join(words(text))) for code, (_, text) in zip(codes, rows, strict=True)]
            conn.exec_driver_sql("INSERT INTO tried(rowid, text) VALUES (?, ?)", rows)
            cut: dict[int, list[str]] = {}
            for term, row_id in conn.exec_driver_sql("SELECT term, doc FROM cut ORDER BY doc, offset"):
                cut.setdefault(row_id, []).append(term)
            for code in codes:
                whole = f" {' '.join(cut[2 * code])} "
                apart = f" {' '.join(cut[2 * code + 1])} ".split(_BETWEEN)
                missed += [f"{code:x} {word}" for word in apart if f" {word.strip()} " not in whole]
        conn.rollback()
    return missed


def _missed_by_postgresql(store: Store, codes: list[int]) -> list[str]:
    asked = [
        (f"{code:x}", text, word)
        for code in codes
        for text in [_text(code)]
        for word in set(words(text))
        if settle(Term(word)).words is not None
    ]
    with store.read() as conn:
        found = conn.exec_driver_sql(
            "SELECT code || ' ' || word FROM unnest(%(codes)s::text[], %(texts)s::text[], %(words)s::text[]) "
            "AS tried(code, text, word) "
            "WHERE NOT klankbord_tsv(NULL, text) @@ plainto_tsquery('simple', klankbord_fold(word))",
            dict(zip(("codes", "texts", "words"), map(list, zip(*asked, strict=True)), strict=True)),
        )
        return list(found.scalars())
