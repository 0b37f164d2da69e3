"""The page on which people label the texts of a sample, by keyboard: 1 2 3 say what it is, 4 that nobody can tell.

What the model says is shown only after the label. Texts are of others and go through `verbatim`.
"""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.tone.views import TONES, Labelled, ToLabel
from screens import page_step, sidebar, threads, tone, tone_steps, words
from screens.i18n import _, number
from screens.platforms import sign_of
from screens.security import verbatim

UNCLEAR = "unclear"
_LONGEST = 4_000


def draw() -> None:
    """Draw the page."""
    with st.container(key="labelpage"):
        _label()


@st.fragment(key=tone_steps.LABELLING)
def _label() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Label messages"), verbatim(_("The model's answer stays hidden until you gave yours.")))
    page_step.told()
    try:
        text = tone_steps.to_label()
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    last = tone_steps.said()
    st.html(f'<div id="kb-said" role="status">{_told(last) if last is not None else ""}</div>')
    if text is None:
        _done(last)
    else:
        _text(text, last)


def _text(text: ToLabel, last: Labelled | None) -> None:
    st.progress(text.n_done / max(1, text.n), _("{n} of {total}").format(n=number(text.n_done), total=number(text.n)))
    facts = [words.language(text.lang) or _("unknown language"), sign_of(text.platform).name]
    stars = words.rating(text.rating) if text.rating is not None else ""
    if stars:
        facts.append(_("{n} of 5 stars").format(n=stars.count("★")))
    title = f'<h2 dir="auto">{verbatim(text.title)}</h2>' if text.title else ""
    rest = "…" if len(text.text) > _LONGEST else ""
    st.html(
        f'<article class="kb-tolabel" data-place="{text.place}">{title}<div class="kb-text" dir="auto">'
        f'{verbatim(text.text[:_LONGEST])}{rest}</div><p class="kb-soft">{verbatim(" · ".join(facts))}</p></article>'
    )
    with st.container(key="label_buttons", horizontal=True, gap="small"):
        for key, one in enumerate((*TONES, UNCLEAR), 1):
            st.button(
                _("Nobody can tell") if one == UNCLEAR else tone.named(one),
                key=f"label_{text.month}_{text.place}_{one}",
                shortcut=str(key),
                on_click=tone_steps.on_say,
                args=(text.month, text.place, one),
            )
    _ways(text.month if last is not None else None)


def _done(last: Labelled | None) -> None:
    lead = _("All messages of the samples are labelled. How often the tone is right stands on the page Tone.")
    st.html(f'<div class="kb-empty"><h2>{verbatim(_("Nothing left to label"))}</h2><p>{verbatim(lead)}</p></div>')
    _ways(last.month if last is not None else None)


def _ways(month: str | None) -> None:
    with st.container(key="label_ways", horizontal=True, gap="small"):
        if month is not None:
            st.button(
                _("Go back one"),
                key="label_back",
                shortcut="Z",
                icon=":material/undo:",
                on_click=tone_steps.on_take_back,
                args=(month,),
            )
        st.button(_("To the page Tone"), key="label_leave", icon=":material/arrow_back:", on_click=tone_steps.on_back)


def _told(last: Labelled) -> str:
    if last.again:
        told = _("Somebody labelled that one already, as {tone}.").format(tone=_named(last.label))
        return threads.notice("warning", told)
    same = last.label == last.answer
    told = _("You said {label}; the model said {answer}.").format(label=_named(last.label), answer=_named(last.answer))
    return threads.notice("info", f"{'✓' if same else '≠'} {told}")


def _named(label: str) -> str:
    return _("nobody can tell") if label == UNCLEAR else tone.named(label)
