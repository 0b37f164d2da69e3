"""The sidebar: views with live counts, who is signed in, language, signing out, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inbox.views import CurrentUser, View, ViewCount
from screens import actions, components, words
from screens.i18n import LANGUAGES, _, current, number


def draw(user: CurrentUser, view: View | None, counts: Sequence[ViewCount] = ()) -> None:
    """Draw the sidebar; without counts only its lower part (the other pages)."""
    by_view = {count.view: count for count in counts}
    views: list[dict[str, Any]] = []
    for key, (_name, icon) in words.VIEWS.items():
        count = by_view.get(key)
        if not counts:
            break
        views.append(
            {
                "id": key.value,
                "label": words.view(key),
                "icon": icon,
                "n": _badge(count),
                "bad": key in {View.OVERDUE, View.URGENT} and count is not None and count.n > 0,
                "current": key == view,
            }
        )
    components.mount(
        "nav",
        {
            "views": views,
            "user": {"name": user.name, "role": words.role(user.role), "letters": words.initials(user.name)},
            "langs": list(LANGUAGES.items()),
            "lang": current().code,
            "keys": keys() if views else [],
            "words": {
                "views": _("Views"),
                "language": _("Language"),
                "sign_out": _("Sign out"),
                "keys": _("Keyboard shortcuts"),
            },
        },
        view=actions.on_view,
        language=actions.on_language,
    )


def _badge(count: ViewCount | None) -> str:
    if count is None or count.n == 0:
        return ""
    return number(count.n) + ("+" if count.capped else "")


def keys() -> list[tuple[tuple[str, ...], str]]:
    """The keys of the inbox and what they do; `docs/using-the-inbox.md` lists the same."""
    return [
        (("j", "k"), _("next, previous")),
        (("g",), _("take the next of the queue")),
        (("a",), _("take it, give it back")),
        (("m",), _("assign to me")),
        (("e",), _("no answer needed, resolve")),
        (("z",), _("snooze until tomorrow")),
        (("i",), _("ignore: not about us")),
        (("s",), _("spam")),
        (("n",), _("write a note")),
        (("u",), _("undo")),
        (("/",), _("search")),
        (("?",), _("these keys")),
    ]
