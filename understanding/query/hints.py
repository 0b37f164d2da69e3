"""What is worth saying about a query that can be read, but may not mean what was intended."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from understanding.query.conditions import MOST_SHOWN, Reading, folded_value
from understanding.query.errors import Hint
from understanding.query.fields import Place
from understanding.query.lex import lexemes
from understanding.query.nodes import Field

_MOST = 5
_SMALL = re.compile(r"(?:and|or|not)\Z")


def hints(text: str, *, known: Mapping[str, Collection[str]] | None = None) -> tuple[Hint, ...]:
    """Hints about a query that `parse_query` reads, in order, at most five.

    Args:
        text: the query.
        known: values that occur, by field, such as the ids of sources; another value is pointed out.

    Raises:
        QueryError: a part of it cannot be read.
    """
    reading = Reading(text, Place.SEARCH)
    found: list[Hint] = []
    for lexeme in lexemes(reading):
        start, end = lexeme.position, lexeme.position + len(lexeme.text)
        if lexeme.kind == "leaf" and _SMALL.match(lexeme.text) and text[start:end] == lexeme.text:
            capitals = lexeme.text.upper()
            msg = "“{word}” is looked for as a word; in capitals, {operator}, it is an operator"
            suggestion = reading.instead(start, end, capitals)
            found.append(Hint(msg, position=start, suggestion=suggestion, word=lexeme.text, operator=capitals))
        elif isinstance(lexeme.node, Field) and lexeme.node.name in (known or {}):
            found += _unknown(reading, lexeme.node, start, (known or {})[lexeme.node.name])
    return tuple(found[:_MOST])


def _unknown(reading: Reading, node: Field, start: int, there: Collection[str]) -> list[Hint]:
    folded = {folded_value(node.name, value): value for value in there}
    found = []
    for value in node.values:
        if value.endswith("*") or value in folded:
            continue
        near = get_close_matches(value, folded, n=1, cutoff=0.5)
        suggestion = ""
        at = reading.text.find(value, start)
        if near and at >= 0:
            suggestion = reading.instead(at, at + len(value), folded[near[0]])
        msg = "there is no {field} “{value}” now"
        found.append(Hint(msg, position=start, suggestion=suggestion, field=node.name, value=value[:MOST_SHOWN]))
    return found
