"""Who and what stands out: authors, sites, words and links, and how often before. Each leads to a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

import streamlit as st

from inbox.sentences import Sentence
from inbox.trends.behind import filters_of
from inbox.trends.views import WHATS, Slice, Top, TopRow, What
from inbox.views import CurrentUser
from screens import words
from screens.i18n import N_, NONE, _, number
from screens.security import verbatim
from screens.state import inbox, token
from screens.trends import change, figures, steps
from screens.trends.asked import Asked

_NAMES: Mapping[str, str] = {
    "authors": N_("Authors"),
    "sites": N_("Sites"),
    "words": N_("Words"),
    "links": N_("Links"),
}


def draw(user: CurrentUser, asked: Asked, wanted: Slice) -> None:
    """Draw the list that is chosen. May raise `InboxError`."""
    with st.container(key="trends_tops", border=True):
        st.html(f'<h2 class="kb-part">{verbatim(_("Who and what stands out"))}</h2>')
        st.segmented_control(
            _("List"),
            WHATS,
            key=steps.field("top"),
            format_func=lambda one: _(_NAMES[one]),
            on_change=steps.on_field,
            required=True,
            label_visibility="collapsed",
        )
        what = cast("What", asked.top)
        st.html(html(what, figures.top(inbox(), token(), user, wanted, what), wanted))


def html(what: What, found: Top | Sentence, wanted: Slice) -> str:
    """A list as HTML."""
    if isinstance(found, Sentence):
        return f'<p class="kb-soft">{verbatim(words.said(found))}</p>'
    if not found.rows:
        told = (
            _("These are counted behind the work; look again in a while.")
            if found.counted < found.total
            else _("Nothing in this period.")
        )
        return f'<p class="kb-soft">{verbatim(told)}</p>'
    most = max(one.n for one in found.rows)
    rows = "".join(_row(what, one, most, wanted) for one in found.rows)
    told = (
        ""
        if found.counted >= found.total
        else _("Of the newest {n} of {total} messages.").format(n=number(found.counted), total=number(found.total))
    )
    note = f'<p class="kb-soft">{verbatim(told)}</p>' if told else ""
    heads = "".join(f'<th scope="col">{verbatim(one)}</th>' for one in (_(_NAMES[what]), _("Messages"), _("Before")))
    return f'<table class="kb-top"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{note}'


def _row(what: What, one: TopRow, most: int, wanted: Slice) -> str:
    search = f"{filters_of(wanted).search} {searched(what, one)}"
    name = (
        f'<a href="/?view=all&amp;q={quote(search)}" target="_blank" rel="noopener"><bdi>{verbatim(one.name)}</bdi></a>'
    )
    was = NONE if one.n_before is None else number(one.n_before)
    arrow = ""
    if one.n_before is not None and max(one.n, one.n_before) >= 8 and change.sure_counts(one.n, one.n_before):
        up = one.n > one.n_before
        told = _("surely more") if up else _("surely less")
        arrow = f' <span title="{verbatim(told)}" aria-label="{verbatim(told)}">{"▲" if up else "▼"}</span>'
    return (
        f'<tr><th scope="row">{name}</th><td><i style="width:{one.n / most:.0%}"></i>{number(one.n)}{arrow}</td>'
        f"<td>{was}</td></tr>"
    )


def searched(what: What, one: TopRow) -> str:
    """What finds the messages of a row in the inbox."""
    plain = " ".join(one.name.replace('"', " ").split())
    match what:
        case "authors":
            return f'author:"{plain}"'
        case "sites":
            return f'site:"{plain}"'
        case _:
            return f'"{plain}"'
