"""The tone of a message in the conversation as HTML: what it is, how sure, why, and saying that it is another. Pure.

The words that did it stand marked in the text once the reader opens the tone; they are there before, without a look of
their own, so that opening asks the server nothing. Never by colour alone: each tone has a sign, each mark its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from inbox.tone.views import TONES, MessageTone, WordMark
from inbox.views import Mark, MessageView
from screens import words
from screens.i18n import _, percent
from screens.security import verbatim

SIGNS = {"negative": "▼", "neutral": "●", "positive": "▲", "unsure": "?"}
_NOT_SCORED = "○"
_TOLD = 8


def sign(label: str | None) -> str:
    """The sign of a tone, for who sees no colours."""
    return SIGNS.get(label or "", _NOT_SCORED)


def named(label: str | None) -> str:
    """A tone with its sign: `▼ Negative`."""
    return f"{sign(label)} {words.sentiment(label) if label else _('Not scored')}"


def box(message: MessageView, *, corrects: bool) -> str:
    """The tone under a message as HTML, to be opened; empty where there is none."""
    tone = message.tone
    if tone is None:
        return ""
    sure = ""
    if tone.corrected_by is None and tone.confidence is not None and tone.label is not None:
        sure = f' <span class="kb-sure">{percent(tone.confidence)}</span>'
    label = _("Tone: {tone}. Show why").format(tone=words.sentiment(tone.label) if tone.label else _("Not scored"))
    return (
        f'<details class="kb-tone {verbatim(tone.label or "none")}" data-mention="{message.id}">'
        f'<summary aria-label="{verbatim(label)}"><span>{verbatim(named(tone.label))}</span>{sure}</summary>'
        f'<div class="kb-why">{_why(message, tone)}{_choices(message, tone) if corrects else ""}</div></details>'
    )


def marked(text: str, marks: Sequence[Mark], because: Sequence[WordMark]) -> str:
    """A text with the words that were looked for, and those that made the tone, as HTML. Stretches may overlap."""
    found = [one for one in marks if 0 <= one.start < one.end <= len(text)]
    pulls = [one for one in because if 0 <= one.start < one.end <= len(text)]
    ends = [(one.start, one.end) for one in found] + [(one.start, one.end) for one in pulls]
    edges = sorted({0, len(text), *(at for pair in ends for at in pair)})
    pieces: list[str] = []
    for start, end in pairwise(edges):
        piece = verbatim(text[start:end])
        if any(one.start <= start and end <= one.end for one in found):
            piece = f"<mark>{piece}</mark>"
        pull = next((one for one in pulls if one.start <= start and end <= one.end), None)
        if pull is not None:
            way = "neg" if pull.weight < 0 else "pos"
            # Said aloud only while the tone is open; at the first piece of a stretch.
            told = _("pulls to negative") if pull.weight < 0 else _("pulls to positive")
            said = f"<i>({verbatim(told)}) </i>" if pull.start == start else ""
            piece = f'<span class="kb-because {way}">{said}{piece}</span>'
        pieces.append(piece)
    return "".join(pieces)


def _why(message: MessageView, tone: MessageTone) -> str:
    told = []
    if tone.corrected_by is not None:
        told.append(_("{name} said so.").format(name=tone.corrected_by))
    if tone.thorough and tone.corrected_by is None:
        told.append(
            _("Judged by the thorough model, on the text as a whole; the marked words are what the quick one saw.")
        )
    elif tone.machine is not None and tone.machine != tone.label:
        told.append(_("The model says: {tone}.").format(tone=words.sentiment(tone.machine)))
    pulling = [
        *((message.title or "", one) for one in tone.because_title),
        *((message.text, one) for one in tone.because),
    ]
    strongest = sorted(pulling, key=lambda each: -abs(each[1].weight))[:_TOLD]
    kept = [each for each in pulling if each in strongest]
    if not kept:
        told.append(_("No single word decides it: it is in the whole of the text."))
    lines = f"<p>{verbatim(' '.join(told))}</p>" if told else ""
    if not kept:
        return lines
    chips = "".join(
        f'<li class="{"neg" if one.weight < 0 else "pos"}">{"▼" if one.weight < 0 else "▲"} '
        f"<bdi>{verbatim(' '.join(text[one.start : one.end].split())[:60])}</bdi></li>"
        for text, one in kept
    )
    return f'{lines}<ul aria-label="{verbatim(_("The words that did it"))}">{chips}</ul>'


def _choices(message: MessageView, tone: MessageTone) -> str:
    buttons = [
        f'<button type="button" data-kb-tone="{one}" aria-pressed="{str(tone.label == one).lower()}">'
        f'<span class="{one}">{SIGNS[one]}</span> {verbatim(words.sentiment(one))}<kbd>{place}</kbd></button>'
        for place, one in enumerate(TONES, 1)
    ]
    if tone.corrected_by is not None:
        again = verbatim(_("Let the model judge"))
        buttons.append(f'<button type="button" data-kb-tone="machine">{again}<kbd>0</kbd></button>')
    name = verbatim(_("Say what the tone is"))
    return f'<div class="kb-says" role="group" aria-label="{name}" data-mention="{message.id}">{"".join(buttons)}</div>'
