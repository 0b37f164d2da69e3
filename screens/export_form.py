"""The fields of an export: tables, which messages, kind of file; and what they come to before it is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from inbox.errors import InboxError
from inbox.export import TABLES
from inbox.export_jobs.views import Glimpse, Wanted
from inbox.views import EVERYTHING, Filters
from screens import export_words, threads, words
from screens.i18n import N_, _, number
from screens.security import verbatim
from screens.state import inbox, saved_views, tab, token

_NOW, _ALL = "now", "all"
_PRIVATE = N_(
    "Authors, colleagues and posts get pseudonyms, the same ones in every table and every time; personal data in texts "
    "is replaced by its kind. Switch it off when you need to know who it was."
)


def draw() -> Wanted | None:
    """Draw the fields; gives what they ask for, None when that cannot be made (which is said)."""
    tables = st.multiselect(
        _("Tables"),
        list(TABLES),
        default=["mentions"],
        format_func=export_words.table,
        key="export_tables",
        help=_("Several tables come as one ZIP, with a data dictionary and checksums."),
    )
    filters, first, last = _which()
    left, right = st.columns(2)
    kind = left.selectbox(_("Kind of file"), list(export_words.FORMS), format_func=export_words.form, key="export_form")
    form = export_words.FORMS[kind][1]
    with right.container(key="export_private"):
        hidden = st.toggle(_("Pseudonymise"), value=True, key="export_pseudonymise", help=_(_PRIVATE))
        masked = st.toggle(
            _("Mask personal data in the texts"),
            value=False,
            disabled=hidden,
            help=_(
                "Account, card, telephone and order numbers, citizen service numbers and addresses become [iban] and "
                "so on."
            ),
            key="export_mask",
        )
    if kind == "excel":
        comma = left.toggle(_("Decimal comma"), value=True, key="export_comma")
        form = replace(form, decimal_comma=comma)
    form = replace(form, pseudonymise=hidden, mask=masked and not hidden)
    try:
        since, until = inbox().exports.days(token(), first, last)
        wanted = Wanted(tuple(tables), replace(filters, since=since, until=until), form)
        found = inbox().exports.glimpse(token(), wanted)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return None
    return wanted if _told(wanted, found) else None


def _which() -> tuple[Filters, date | None, date | None]:
    """Which messages: what narrows them, and their days."""
    bases = _bases()
    picked = st.selectbox(
        _("Which messages"),
        list(bases),
        format_func=lambda key: bases[key][0],
        key="export_which",
        help=_("Of a view its search and filters count, in every view of the list."),
    )
    filters = bases.get(picked, bases[_ALL])[1]
    searched, since, until = st.columns([2, 1, 1])
    search = searched.text_input(
        _("Search"),
        value=filters.search,
        key=f"export_search_{picked}",
        max_chars=2_000,
        placeholder="pakket AND kwijt",
    )
    first = since.date_input(_("From"), value=None, format="DD/MM/YYYY", key="export_first")
    last = until.date_input(_("Until and with"), value=None, format="DD/MM/YYYY", key="export_last")
    return replace(filters, search=search.strip()), _one(first), _one(last)


def _one(chosen: object) -> date | None:
    return chosen if isinstance(chosen, date) else None


def _bases() -> dict[str, tuple[str, Filters]]:
    """What can be chosen from: what the list shows now, everything, the saved views."""
    narrowed = tab().filters
    found = {_NOW: (_("What the list is narrowed to now"), narrowed)} if narrowed != EVERYTHING else {}
    found[_ALL] = (_("Everything that is kept"), EVERYTHING)
    for view in saved_views():
        found[f"view_{view.id}"] = (view.name, view.filters)
    return found


def _told(wanted: Wanted, found: Glimpse) -> bool:
    """Say how much it will be and what stays out; whether there is anything to be made."""
    if found.n == 0 and found.whole and wanted.tables == ("mentions",):
        told = _("No message is found so. Change the search, the days or the view.")
        st.html(threads.notice("warning", told))
        return False
    st.html(f'<p class="kb-expected">{verbatim(_expected(found))}</p>')
    held = export_words.held(found.held)
    if held:
        st.html(f'<h3 class="kb-part">{verbatim(_("What platforms do not let out"))}</h3>{held}')
    _first_rows(wanted)
    return True


def _expected(found: Glimpse) -> str:
    n = number(found.n)
    if not found.whole:
        return _("Messages among the newest: {n}. Older ones are found while it is made.").format(n=n)
    if found.at_most:
        return _("At most {n} messages; the search decides while it is made.").format(n=n)
    return _("Messages: {n}.").format(n=n)


def _first_rows(wanted: Wanted) -> None:
    name = wanted.tables[0]
    if len(wanted.tables) > 1:
        name = st.session_state.get("export_shown", name)
    with st.expander(_("First rows"), key="export_first_rows", on_change="rerun") as opened:
        if not opened.open:
            return
        if len(wanted.tables) > 1:
            name = str(
                st.selectbox(_("Table"), wanted.tables, format_func=export_words.table, key="export_shown", width=240)
            )
        try:
            columns, rows = inbox().exports.sample(token(), wanted, name)
        except InboxError as problem:
            st.html(threads.notice("error", words.error(problem)))
            return
        if not rows:
            st.caption(_("No rows."))
            return
        st.dataframe(
            {column: [row[place] for row in rows] for place, column in enumerate(columns)},
            hide_index=True,
            height="content",
        )
