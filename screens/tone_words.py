"""Words that count otherwise for the tone here: the form with its recount, those that count now, and what was before.

Words and texts are of others: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.permissions import Permission
from inbox.tone.views import WEIGHTS, Change, Recount, WordRow
from inbox.views import CurrentUser
from screens import tone, tone_steps, words
from screens.i18n import N_, _, moment, number, plural
from screens.security import md_escape, verbatim
from screens.state import choices, inbox, token, utc_now

_WEIGHTS = {
    -1.0: N_("very negative"),
    -0.5: N_("negative|word"),
    0.5: N_("positive|word"),
    1.0: N_("very positive"),
    None: N_("counts for nothing"),
}
_PAST = 30


def draw(user: CurrentUser) -> None:
    """Draw the part of the page that is about words."""
    manages = user.may(Permission.MANAGE_WORK)
    with st.container(key="tone_words", border=True):
        st.html(f'<h2 class="kb-part">{verbatim(_("Words"))}</h2>')
        lead = _("The name of a product may sound angry, and your customers may have words of their own.")
        st.html(f"<p>{verbatim(lead)}</p>")
        if manages:
            _form()
            found = tone_steps.tried()
            if found is not None:
                _recount(found)
        standing = inbox().tones.words(token())
        for one in standing:
            _row(one, manages=manages)
        if not standing:
            st.html(f'<p class="kb-soft">{verbatim(_("No word was changed; all count as they came."))}</p>')
        _past(inbox().tones.past_words(token()), manages=manages)


def _form() -> None:
    languages = ["", *(one.value for one in choices().languages if one.value != "und")]
    # Keyed by what was tried, so that the fields are empty once it is applied.
    with (
        st.form("tone_word_form", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(_("Word"), key="tone_word", max_chars=100, width=220)
        st.selectbox(
            _("Counts as"),
            [tone_steps.NOTHING, *map(str, WEIGHTS)],
            format_func=lambda one: _weight(tone_steps.weight_of(one)),
            key="tone_weight",
            width=190,
        )
        st.selectbox(
            _("In"),
            languages,
            format_func=lambda one: words.language(one) if one else _("all languages"),
            key="tone_lang",
            width=170,
        )
        st.form_submit_button(
            _("See what it would do"),
            type="primary",
            key="tone_try",
            on_click=tone_steps.on_try,
            args=("tone_word", "tone_lang", "tone_weight"),
        )


def _recount(found: Recount) -> None:
    with st.container(key="tone_recount"):
        st.html(recount(found))
        with st.container(horizontal=True, gap="small"):
            st.button(_("Apply it"), key="tone_apply", type="primary", on_click=tone_steps.on_apply)
            st.button(_("Leave it as it is"), key="tone_leave", on_click=tone_steps.on_leave)


def recount(found: Recount) -> str:
    """What a change of a word would do, as HTML."""
    name = f"“{found.word}”: {_weight(found.weight)}{_in(found.lang)}"
    if not found.n_texts:
        told = _("No message that is kept holds this word; it will count for new ones.")
    elif found.whole:
        told = (
            plural("{n} message holds this word.", "{n} messages hold this word.", found.n_texts)
            + f" {_changes(found)}"
        )
    else:
        told = (
            _("Of the newest {n} messages that hold this word:").format(n=number(found.n_texts)) + f" {_changes(found)}"
        )
    moves = "".join(
        f"<li>{verbatim(tone.named(before))} → {verbatim(tone.named(after))}: {number(n)}</li>"
        for before, after, n in found.moves
    )
    examples = "".join(_example(one) for one in found.examples)
    return (
        f'<section class="kb-dry" id="kb-recount" aria-label="{verbatim(_("What it would do"))}">'
        f'<h3 class="kb-part">{verbatim(name)}</h3><p>{verbatim(told)}</p><ul>{moves}</ul><ol>{examples}</ol></section>'
    )


def _changes(found: Recount) -> str:
    if not found.n_changed:
        return _("None would get another tone.")
    return plural("{n} would get another tone.", "{n} would get another tone.", found.n_changed)


def _example(one: Change) -> str:
    return (
        f'<li><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>{verbatim(one.text)}</bdi></a>'
        f'<span class="kb-soft">{verbatim(tone.named(one.before))} → {verbatim(tone.named(one.after))}</span></li>'
    )


def _row(one: WordRow, *, manages: bool) -> None:
    with st.container(key=f"tone_word_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        by = _("{name}, {time}").format(name=one.made_by, time=moment(one.made_at, utc_now()))
        st.html(
            f'<div class="kb-fit"><b><bdi>{verbatim(one.word)}</bdi></b> '
            f"{verbatim(_weight(one.weight) + _in(one.lang))}"
            f'<span class="kb-soft">{verbatim(by)}</span></div>'
        )
        if manages:
            st.button(
                _("Take back {word}").format(word=md_escape(one.word)),
                key=f"tone_free_{one.id}",
                icon=":material/undo:",
                on_click=tone_steps.on_free,
                args=(one.id,),
            )


def _past(rows: Sequence[WordRow], *, manages: bool) -> None:
    ended = [one for one in rows if one.ended_at is not None][:_PAST]
    if not ended:
        return
    with st.expander(_("What was said before"), key="tone_past"):
        for one in ended:
            with st.container(key=f"tone_was_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
                told = _("{name} from {since}, ended by {other} {until}").format(
                    name=one.made_by,
                    since=moment(one.made_at, utc_now()),
                    other=one.ended_by or "?",
                    until=moment(one.ended_at or one.made_at, utc_now()),
                )
                st.html(
                    f'<div class="kb-fit"><b><bdi>{verbatim(one.word)}</bdi></b> '
                    f"{verbatim(_weight(one.weight) + _in(one.lang))}"
                    f'<span class="kb-soft">{verbatim(told)}</span></div>'
                )
                if manages:
                    st.button(
                        _("Try {word} again").format(word=md_escape(one.word)),
                        key=f"tone_again_{one.id}",
                        on_click=tone_steps.on_again,
                        args=(one.word, one.lang, one.weight),
                    )


def _weight(weight: float | None) -> str:
    text = _(_WEIGHTS[weight]) if weight in _WEIGHTS else number(weight or 0)
    return text.partition("|")[0]


def _in(lang: str) -> str:
    return f" ({words.language(lang) or lang})" if lang else ""
