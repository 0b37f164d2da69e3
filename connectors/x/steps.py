"""The note that travels with each call of a chain, and the queries a source consists of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from connectors.contract import Query
from connectors.x import searching
from connectors.x.options import XOptions

SEARCH, MENTIONS, CONVERSATIONS, MESSAGES = "search", "mentions", "conversations", "messages"
STREAM = "stream"
OWN, REPLIES = "own", "replies"
RULES, LISTEN = "rules", "listen"
MOST_RULES = 25
"""Rules that are kept: each is a search too, and all of them must fit into one run."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a chain is.

    Attributes:
        asks: of CONVERSATIONS: OWN posts or the REPLIES under them; of STREAM: a search, its RULES or to LISTEN.
        after: the platform's token of this page.
        edge: ISO instant down to which the window is proven.
        read: posts of the chain so far; of RULES: how often they were changed.
        open: the call names no end, so that X takes its own: half a minute ago.
        size: posts asked for.
        below: of REPLIES: conversations with an id below this one are still to be read.
        done: of REPLIES: the lowest conversation of this call.
        end: of REPLIES and STREAM: ISO instant at which this call begins, where an earlier chain broke off.
        group: of STREAM: which of the searches.
    """

    asks: str = ""
    after: str | None = None
    edge: str | None = None
    read: int = 0
    open: bool = False
    size: int = 0
    below: str | None = None
    done: str | None = None
    end: str | None = None
    group: int = 0

    def dump(self) -> str:
        """Write it down for `HttpRequest.step`."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, written: str) -> Step:
        """Read what `dump` wrote."""
        return cls(**orjson.loads(written))

    @property
    def edge_at(self) -> datetime | None:
        """`edge` as an instant."""
        return None if self.edge is None else datetime.fromisoformat(self.edge)


def queries_of(options: XOptions, terms: Sequence[str]) -> list[Query]:
    """List the lines of work."""
    found: list[Query] = []
    wanted = (*options.terms, *(terms if options.search else ()))
    groups = searching.packed(options, wanted)
    most = min(options.stream_rules, MOST_RULES)
    pushed = options.stream and 0 < len(groups) <= most
    for words in () if pushed else groups:
        text = searching.query_of(options, words)
        params = {"kind": SEARCH, "query": text}
        label = searching.label_of(words)
        if options.stream:
            label += f" (not streamed: {len(groups)} rules are needed, {most} at most are possible)"
        found.append(Query(f"search:{searching.name_of(text)}", label, params))
    us = options.account_id or ""
    lines = (
        (options.mentions, MENTIONS, f"Mentions of @{options.account}"),
        (options.conversations, CONVERSATIONS, f"Replies under posts of @{options.account}"),
        (options.messages, MESSAGES, f"Direct messages to @{options.account}"),
    )
    found += [Query(f"{kind}:{us}", label, {"kind": kind}) for wished, kind, label in lines if wished]
    return [*found, _streamed(options, groups)] if pushed else found  # last, so that nothing waits for it at first


def searches_of(query: Query) -> list[str]:
    """The searches of a STREAM, which are its rules too."""
    return list(orjson.loads(query.params["queries"]))


def _streamed(options: XOptions, groups: Sequence[Sequence[str]]) -> Query:
    texts = [searching.query_of(options, words) for words in groups]
    label = searching.label_of([word for words in groups for word in words]).replace("Search for", "Stream of", 1)
    params = {"kind": STREAM, "queries": orjson.dumps(texts).decode()}
    return Query(f"stream:{searching.name_of(chr(10).join(texts))}", label, params)
