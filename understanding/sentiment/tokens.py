"""The tokens sentiment reads: words, hashtags, emoji, emoticons, marks that end a clause. Linear in any text."""

from __future__ import annotations

import re

_FACES = "\u2600-\u27bf\u2b50\u2b55\u231a-\u23ff\U0001f000-\U0001faff"
_QUOTE = "['\u2019]"

TOKEN = re.compile(
    rf"""https?://\S+ | @\w[\w.-]*
    | (?:[cdjlmnst]|qu){_QUOTE}(?=\w)
    | \#?[^\W_]+(?:['\u2019-][^\W\d_]+)*
    | [!?]+ | \.\.+|\u2026 | [.,;\n(]
    | [:;=][-']?[)(\]\[DPpOo3/\\|@*]+ | <3+ | </3 | /10\b | /5\b
    | [{_FACES}]""",
    re.VERBOSE | re.IGNORECASE,
)
"""A link and a mentioned name are one token each, so that nothing inside them is read. An elided article or pronoun
of French is a token of its own."""

MARKS = frozenset(".,;\n(\u2026!?")
"""First characters of the tokens that end a clause."""
