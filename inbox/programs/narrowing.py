"""What a token may see of what is asked for: scopes and the brands and sources it is bound to. Pure."""

from __future__ import annotations

from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from store.newest import Sight


def sight_of(bearer: Bearer) -> Sight:
    """What this token may see at all."""
    return Sight(Scope.READ_PRIVATE in bearer.scopes, bearer.source_ids, bearer.brand_ids)


def both(bound: tuple[str, ...], asked: tuple[str, ...]) -> tuple[str, ...] | None:
    """What is asked for, within what a token is bound to; empty: everything; None: nothing is left."""
    if not bound or not asked:
        return bound or asked
    return tuple(one for one in asked if one in bound) or None
