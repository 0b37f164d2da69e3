"""Words about tokens of the API, in the reader's language. The codes are those of `inbox.tokens`."""

from __future__ import annotations

from collections.abc import Mapping

from inbox.tokens.scopes import Scope
from inbox.tokens.views import Standing
from screens.i18n import N_, _

_SCOPES: Mapping[Scope, str] = {
    Scope.READ_MENTIONS: N_("Read messages"),
    Scope.READ_PRIVATE: N_("Private messages too"),
    Scope.READ_WORK: N_("Read conversations and what was done"),
    Scope.READ_FIGURES: N_("Read service figures and volumes"),
    Scope.WRITE_MENTIONS: N_("Push messages"),
    Scope.METRICS: N_("Read figures for monitoring"),
}
_STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.GOOD: ("green", N_("works")),
    Standing.EXPIRED: ("", N_("expired")),
    Standing.REVOKED: ("", N_("revoked")),
    Standing.MAKER_GONE: ("orange", N_("refused: its maker has no access any more")),
}


def scope(one: Scope) -> str:
    """What a scope allows."""
    return _(_SCOPES[one])


def standing(one: Standing) -> tuple[str, str]:
    """The tone of a badge, and what it says."""
    tone, text = _STANDINGS[one]
    return tone, _(text)
