"""How often the tone is right here, as it stands beside every figure of tone."""

from __future__ import annotations

from inbox.permissions import Permission
from inbox.tone.views import Accuracy
from inbox.views import CurrentUser
from screens import tone_page
from screens.i18n import _, month
from screens.security import verbatim


def in_short(found: Accuracy | None) -> str:
    """The same in a few words, for under a figure."""
    if found is None or not found.overall.share.n:
        return _("never measured how often that is right")
    return _("the tone is right {share}").format(share=tone_page.sentence(found.overall))


def beside(found: Accuracy | None, user: CurrentUser) -> str:
    """Our own measured accuracy with its margin as HTML; that nobody measured it yet, with the way to do so.

    Args:
        found: what `Inbox.tones.accuracy` gives.
        user: who reads; who may label is led to labelling, others to the page of tone.
    """
    if found is None or not found.overall.share.n:
        told = _("How often the tone is right was not measured here yet.")
        path, link = ("label", _("Label messages")) if user.may(Permission.WORK) else ("tone", _("About the tone"))
        return f'<p class="kb-accuracy">{verbatim(told)} <a href="/{path}">{verbatim(link)}</a></p>'
    told = _("How often the tone is right, measured here: {share} messages of {month}.").format(
        share=tone_page.sentence(found.overall), month=month(found.month)
    )
    return f'<p class="kb-accuracy">{verbatim(told)} <a href="/tone">{verbatim(_("About the tone"))}</a></p>'
