"""From the words of our brands to search queries of X. Pure.

Words are joined with OR and packed into as few queries as X's limit on their length allows, so that a post that holds
two of them is read once. What X's language cannot say (a prefix, a word near another) is asked wider; the house's own
matcher judges every post again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from connectors.sought import beside, quoted
from connectors.x.options import XOptions

_SIGNED = re.compile(r"^[#@]\w+$")
_WORD = re.compile(r"\w|[^\x00-\xff]")
_BETWEEN = " OR "


def spelt(term: str) -> str | None:
    """One word or phrase as X's search language writes it; None when nothing in it can be searched for."""
    bare = " ".join(term.replace('"', " ").replace("\\", " ").split())
    if not _WORD.search(bare):
        return None
    said = bare if _SIGNED.match(bare) else quoted(bare)
    more = beside(term, "x")
    return f"({said}{more})" if more else said


def packed(options: XOptions, terms: Sequence[str]) -> list[tuple[str, ...]]:
    """Put words, as X writes them, into queries that are short enough; one that is too long for any stands alone."""
    wanted = dict.fromkeys(word for term in terms if (word := spelt(term)) is not None)
    groups: list[tuple[str, ...]] = []
    for word in wanted:
        together = (*groups[-1], word) if groups else (word,)
        if groups and len(query_of(options, together)) <= options.query_length:
            groups[-1] = together
        else:
            groups.append((word,))
    return groups


def query_of(options: XOptions, words: Sequence[str]) -> str:
    """The whole query: one of these words, as narrow as configured, without reposts and without our own posts."""
    some = words[0] if len(words) == 1 else f"({_BETWEEN.join(words)})"
    parts = [some, options.narrow, "-is:retweet", f"-from:{options.account}" if options.account else ""]
    return " ".join(part for part in parts if part)


def name_of(query: str) -> str:
    """A short name for a query that changes when its words do: other words have their own progress."""
    return hashlib.sha256(query.encode()).hexdigest()[:16]


def label_of(words: Sequence[str]) -> str:
    """How people read a query."""
    shown = ", ".join(word.strip('"') for word in words[:4])
    return f"Search for {shown}" + (f" and {len(words) - 4} more" if len(words) > 4 else "")


def replies_query(options: XOptions, conversations: Sequence[str]) -> tuple[str, int]:
    """What is said in some conversations by others, and how many of the conversations fit into the query.

    Posts that name us are left out where the mentions are read anyway, at their lower price.
    """
    rest = f" -from:{options.account}" + (f" -@{options.account}" if options.mentions else "")
    chosen: list[str] = []
    for key in conversations:
        longer = _BETWEEN.join(f"conversation_id:{each}" for each in (*chosen, key))
        if chosen and len(longer) + len(rest) + 2 > options.query_length:
            break
        chosen.append(key)
    some = _BETWEEN.join(f"conversation_id:{each}" for each in chosen)
    return (f"({some})" if len(chosen) > 1 else some) + rest, len(chosen)
