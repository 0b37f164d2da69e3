"""The query language on one card: what to write and what it finds. The whole of it stands in docs/queries.md."""

from __future__ import annotations

import html

import streamlit as st

from screens.i18n import N_, _

LINES: tuple[tuple[str, str], ...] = (
    ("rood blauw", N_("both words, anywhere in title or text")),
    ("rood OR blauw", N_("one of them; operators are in capitals")),
    ("-gratis", N_("not this word; also NOT gratis")),
    ('"klapt eruit"', N_("these words next to each other")),
    ("webshop*", N_("every word that begins so")),
    ("app NEAR/5 traag", N_("at most five words apart, in either order")),
    ("(app OR site) -gym", N_("parentheses group")),
    ("lang:nl,de source:reviews", N_("facts; a comma means or")),
    ('author:"Jan de Vries"', N_("values with spaces in quotation marks")),
    ("rating<3 followers>=1000", N_("numbers; ratings are stars of five")),
    ("has:picture is:reply", N_("has a link, picture, rating or title; is a reply, own, bot or staff")),
    ("after:2026-01-31", N_("said on that day or later; before: earlier")),
    ("weekday:sat,sun hour<9", N_("said at that time of the week, on the clock of the team")),
    ("arrived:late", N_("found more than a day after it was said; soon: sooner")),
    ("tag:storing state:new", N_("of the conversation; only in searches")),
)
"""Examples as they are typed, and what they find."""
FIELDS = N_(
    "Fields: source, platform, lang, author, site, kind, visibility, has, is, rating, followers, brand, sentiment, "
    "likes, replies, shares, views, after, before, weekday, hour, arrived, tag, state."
)


def draw() -> None:
    """The card, inside whatever opens it."""
    rows = "".join(
        f"<tr><td><code>{html.escape(example)}</code></td><td>{html.escape(_(meaning))}</td></tr>"
        for example, meaning in LINES
    )
    st.html(f'<table class="kb-queryhelp"><tbody>{rows}</tbody></table>')
    st.caption(_(FIELDS))
