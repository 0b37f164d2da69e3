"""The query language of brands, rules, searches and alerts: one grammar, one tree.

    acme AND (storing OR "klapt eruit") NOT "acme gym"
    webshop*                     every word that begins so
    rood blauw                   both words (AND may be left out)
    -gratis                      same as NOT gratis
    app NEAR/5 traag             both, at most five words apart, in either order
    lang:nl,de source:reviews    facts about the message; a comma means or
    rating<3 followers>=1000     numbers; ratings are stars of five
    after:2026-01-31             a day

AND, OR, NOT and NEAR are operators only in capitals; NEAR binds tightest, then NOT, then AND, then OR. Case and
accents do not matter, and `@name` or `#tag` also finds the bare word. A word that holds punctuation (`e-mail`,
`acme.nl`) is read as a phrase of its parts. The whole language stands in docs/queries.md.
"""

from understanding.query.errors import Hint, QueryError
from understanding.query.facts import Facts
from understanding.query.fields import FIELDS, WEEKDAYS, Place
from understanding.query.hints import hints
from understanding.query.nodes import (
    And,
    Compare,
    Day,
    Field,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Term,
    Words,
    apart,
    fields_of,
    leaves,
    nears,
    needs_something,
    wanted,
)
from understanding.query.parse import MAX_DEPTH, MAX_LENGTH, MAX_TERMS, parse_query
from understanding.query.spell import spell
from understanding.query.terms import Search, search_terms, searches_of, spelt

__all__ = [
    "FIELDS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_TERMS",
    "WEEKDAYS",
    "And",
    "Compare",
    "Day",
    "Facts",
    "Field",
    "Hint",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Place",
    "Prefix",
    "QueryError",
    "Search",
    "Term",
    "Words",
    "apart",
    "fields_of",
    "hints",
    "leaves",
    "nears",
    "needs_something",
    "parse_query",
    "search_terms",
    "searches_of",
    "spell",
    "spelt",
    "wanted",
]
