"""What a source searches for, and how each platform writes it. Pure.

A search is a word or phrase, as text; what must be found beside it and what must not rides along for platforms that can
be told. A platform is asked for as much of it as it surely understands, so that nothing that belongs to a brand is
missed; the house's own matcher judges everything that comes back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_LONGEST_KEY = 200


class Sought(str):
    """A word or phrase to search for. Equal to its text, so that a connector which knows no more may take it as that.

    Attributes:
        beside: of each of these, one must be in the text as well.
        without: none of these may be in the text.
    """

    __slots__ = ("beside", "without")

    beside: tuple[tuple[str, ...], ...]
    without: tuple[str, ...]

    def __new__(cls, text: str, beside: Sequence[Sequence[str]] = (), without: Sequence[str] = ()) -> Self:
        """Make one of plain words and phrases."""
        made = super().__new__(cls, text)
        made.beside = tuple(tuple(group) for group in beside)
        made.without = tuple(without)
        return made


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a platform's search language knows beside one word or phrase.

    Attributes:
        between: what joins words of which all must be there; None: one word or phrase at a time.
        either: what joins a choice in parentheses; None: no choices.
        without: the sign before what must not be there; "": none, or one that would leave out more than we mean.
    """

    between: str | None = None
    either: str | None = None
    without: str = ""


SYNTAXES: Mapping[str, Syntax] = {
    # docs.x.com/x-api/posts/search/integrate/build-a-query: space is AND, OR, parentheses, - before a word or phrase.
    "x": Syntax(" ", " OR ", "-"),
    # support.reddithelp.com, "Available search features": AND, OR and NOT in capitals, parentheses, quotation marks.
    # NOT leaves out posts by their subreddit's words and by word stems as well.
    "reddit": Syntax(" AND ", " OR "),
    # docs.bsky.app, app.bsky.feed.searchPosts: words are all required, quotation marks; the rest is not specified.
    "bluesky": Syntax(" "),
    # docs.joinmastodon.org/user/network/#search: words are all required, quotation marks; - leaves out word stems.
    "mastodon": Syntax(" "),
    # algolia.com/doc, advancedSyntax: quotation marks; all words are required; - leaves out beginnings of words.
    "hackernews": Syntax(" "),
}


def beside(term: str, platform: str) -> str:
    """What a platform is asked for beside a term, to be put right behind it; "" for a term alone."""
    if not isinstance(term, Sought):
        return ""
    syntax = SYNTAXES[platform]
    written = ""
    for group in term.beside if syntax.between is not None else ():
        words = [quoted(word) for word in group]
        if len(words) == 1:
            written += f"{syntax.between}{words[0]}"
        elif syntax.either is not None:
            written += f"{syntax.between}({syntax.either.join(words)})"
    if syntax.without:
        written += "".join([f" {syntax.without}{quoted(word)}" for word in term.without])
    return written


def key_of(search: str) -> str:
    """A query id for a search: the search itself, or its beginning and a hash where it is long."""
    if len(search) <= _LONGEST_KEY:
        return search
    return f"{search[: _LONGEST_KEY - 17]}:{hashlib.sha256(search.encode()).hexdigest()[:16]}"


def quoted(text: str) -> str:
    """A word or phrase in quotation marks: nothing in it is an operator then."""
    return f'"{" ".join(text.replace(chr(34), " ").replace(chr(92), " ").split())}"'
