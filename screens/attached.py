"""What is attached to a message as HTML: pictures small and, opened, large; of what is not shown, why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inbox.pictures.views import AttachmentView
from screens.i18n import N_, _
from screens.pictures import address
from screens.security import verbatim

_SMALL = 320
_KINDS: Mapping[str, str] = MappingProxyType(
    {"image": N_("Picture"), "video": N_("Video"), "audio": N_("Sound"), "file": N_("File")}
)
_ONLY_PICTURES = N_("only pictures are fetched; look at the original")
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "wanted": N_("on its way; open the conversation again in a moment"),
        "video": _ONLY_PICTURES,
        "audio": _ONLY_PICTURES,
        "file": _ONLY_PICTURES,
        "off": N_("not fetched: fetching is switched off"),
        "many": N_("not fetched: the message has more than we fetch of one"),
        "old": N_("not fetched: the message was old when it came in"),
        "address": N_("not fetched: its address leads where we do not go"),
        "large": N_("not fetched: it is too large"),
        "unreadable": N_("what came is no picture that can be read"),
        "gone": N_("no longer there"),
        "refused": N_("the platform refused to give it"),
        "unreachable": N_("its server could not be reached"),
        "login": N_("the account has to log in again first"),
        "room": N_("no longer kept: newer pictures needed the room"),
        "expired": N_("no longer kept: we keep pictures for a limited time"),
    }
)
_UNKNOWN = N_("not shown")


def attachments(attached: Sequence[AttachmentView]) -> str:
    """What is attached to one message; empty when nothing is."""
    if not attached:
        return ""
    count = len(attached)
    drawn = "".join(_one(one, number, count) for number, one in enumerate(attached, 1))
    return f'<ul class="kb-pictures" aria-label="{verbatim(_("Attachments"))}">{drawn}</ul>'


def _one(one: AttachmentView, number: int, count: int) -> str:
    return f"<li>{_shown(one, number, count) if one.link is not None else _missing(one)}</li>"


def _shown(one: AttachmentView, number: int, count: int) -> str:
    link = one.link or ""
    alt = verbatim(one.alt or _("Picture {n} of {all}, without a description").format(n=number, all=count))
    width, height = one.width or _SMALL, one.height or _SMALL
    scale = min(1.0, _SMALL / max(width, height))
    small = f'width="{max(1, round(width * scale))}" height="{max(1, round(height * scale))}"'
    caption = f"<figcaption>{verbatim(one.alt)}</figcaption>" if one.alt else ""
    away = verbatim(_("Open in a new tab"))
    large = verbatim(address(link, large=True))
    return (
        f'<details class="kb-picture"><summary><img src="{verbatim(address(link))}" alt="{alt}" {small} loading="lazy">'
        f'</summary><figure><img src="{large}" alt="{alt}" width="{width}" height="{height}" loading="lazy">{caption}'
        f'<a href="{large}" target="_blank" rel="noopener">{away} ↗</a></figure></details>'
    )


def _missing(one: AttachmentView) -> str:
    kind = verbatim(_(_KINDS.get(one.kind, N_("File"))))
    why = verbatim(_(_REASONS.get(one.reason, _UNKNOWN)))
    told = f'<q dir="auto">{verbatim(one.alt)}</q>' if one.alt else ""
    return f'<p class="kb-nopicture"><b>{kind}</b> {why} {told}</p>'
