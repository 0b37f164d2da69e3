"""What agents note about a conversation in fields: priority, reason for contact, tags."""

from __future__ import annotations

import streamlit as st

from inbox.views import PRIORITIES, Choices, Detail
from screens import actions, words
from screens.detail import promises
from screens.i18n import _


def draw(detail: Detail, choices: Choices) -> None:
    """Draw the fields."""
    card = detail.card
    with st.container(key="properties", horizontal=True, gap="small", vertical_alignment="center"):
        # Keyed by version: what is shown is what the store says, also after somebody else changed it.
        key, level = f"priority_{card.id}_{card.version}", min(max(card.priority, 0), len(PRIORITIES) - 1)
        st.selectbox(
            _("Priority"),
            range(len(PRIORITIES)),
            index=level,
            format_func=lambda one: words.priority(PRIORITIES[one]),
            key=key,
            width=170,
            label_visibility="collapsed",
            on_change=actions.set_property,
            args=(card.id, card.version, "priority", key),
            kwargs={"shown": level},
        )
        key = f"why_{card.id}_{card.version}"
        st.selectbox(
            _("Reason for contact"),
            choices.whys,
            index=choices.whys.index(card.why) if card.why in choices.whys else None,
            format_func=words.why,
            placeholder=_("Reason for contact"),
            key=key,
            width=170,
            label_visibility="collapsed",
            on_change=actions.set_property,
            args=(card.id, card.version, "why", key),
            kwargs={"shown": card.why if card.why in choices.whys else None},
        )
        key = f"tags_{card.id}_{card.version}"
        st.multiselect(
            _("Tags"),
            sorted({*card.tags, *(one.value for one in choices.tags)}),
            default=list(card.tags),
            accept_new_options=True,
            placeholder=_("Add a tag"),
            key=key,
            label_visibility="collapsed",
            on_change=actions.set_tags,
            args=(card.id, card.tags, key),
        )
        promises.menu(detail)
