"""Labelled texts are read line by line, and a line that does not fit stops none of the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understanding.evaluating.lines import (
    GroupLine,
    LanguageLine,
    QueryLine,
    SentimentLine,
    UnfitLineError,
    group_line,
    language_line,
    query_line,
    read_lines,
    sentiment_line,
)


def test_each_kind_of_line_is_read() -> None:
    assert language_line({"text": "hoi", "lang": "nl-BE", "more": 1}) == LanguageLine("hoi", "nl")
    assert sentiment_line({"text": "top", "label": 1}) == SentimentLine("top", 1, "")
    assert sentiment_line({"text": "bah", "label": -1, "lang": "NL"}) == SentimentLine("bah", -1, "nl")
    assert group_line({"text": "a", "group": 7}) == GroupLine("a", "7")
    assert query_line({"text": "a", "query": "a", "match": False}) == QueryLine("a", "a", match=False)


@pytest.mark.parametrize("label", [True, 2, "1", None, 0.5])
def test_a_label_that_is_none_is_told(label: object) -> None:
    with pytest.raises(UnfitLineError, match="label"):
        sentiment_line({"text": "x", "label": label})


def test_lines_that_do_not_fit_are_told_by_number_and_the_others_are_kept() -> None:
    raw = [
        b'\xef\xbb\xbf{"text": "een", "lang": "nl"}\r\n',
        b"\n",
        b"{",
        b"[1]",
        b'{"text": "x"}',
        b'{"text": "two", "lang": "en"}',
    ]
    fit, unfit = read_lines(raw, language_line)
    assert [line.text for line in fit] == ["een", "two"]
    assert [each.number for each in unfit] == [3, 4, 5]


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_bytes_are_read_or_told(raw: list[bytes]) -> None:
    fit, unfit = read_lines(raw, query_line)
    assert len(fit) + len(unfit) == sum(bool(line.strip()) for line in raw)
