"""Which pages there are, under which heading, and who sees them. One row per page; the order is the menu's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from inbox.permissions import Permission
from inbox.views import CurrentUser
from screens import (
    account_page,
    alerts_page,
    approvals_page,
    audit_page,
    export_page,
    inbox_page,
    lab_page,
    label_page,
    levels_page,
    manual,
    noise_page,
    people_page,
    privacy_page,
    reports_page,
    rules_page,
    sources_page,
    tags_page,
    team_page,
    teams_page,
    templates_page,
    themes_page,
    tokens_page,
    tone_page,
    trends_page,
)
from screens.i18n import N_, _, number

WORK, SETTINGS = "", N_("Settings")


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the app.

    Attributes:
        path: last part of its address, and its name in the code.
        draw: draws it.
        section: heading of the menu; empty for the pages that stand beside each other.
        needs: who does not have it does not see the page; the inbox checks again at every step.
        listed: whether the menu shows it; what has its own button elsewhere does not stand there twice.
        count: how many wait there, shown beside the title; asked once per page.
    """

    path: str
    draw: Callable[[], None]
    title: str
    icon: str
    section: str = SETTINGS
    needs: Permission = Permission.READ
    listed: bool = True
    count: Callable[[], int] | None = None

    def heading(self) -> str:
        """The title in the menu."""
        n = self.count() if self.count is not None else 0
        return f"{_(self.title)} ({number(n)})" if n else _(self.title)


PLACES: Sequence[Place] = (
    Place("inbox", inbox_page.draw, N_("Inbox"), "inbox", WORK),
    Place(
        "approvals",
        approvals_page.draw,
        N_("Approvals"),
        "approval",
        WORK,
        Permission.APPROVE,
        count=approvals_page.n_waiting,
    ),
    Place("templates", templates_page.draw, N_("Templates"), "text_snippet", WORK, Permission.REPLY),
    Place("entry", manual.draw, N_("New entry"), "add_call", WORK, Permission.WORK, listed=False),
    Place("themes", themes_page.draw, N_("Themes"), "topic", WORK),
    Place("trends", trends_page.draw, N_("Trends"), "monitoring", WORK, Permission.FIGURES),
    Place("levels", levels_page.draw, N_("Service levels"), "speed", WORK, Permission.FIGURES),
    Place("sources", sources_page.draw, N_("Sources"), "sensors", WORK),
    Place("team", team_page.draw, N_("Team"), "diversity_3", WORK, Permission.MANAGE_WORK),
    Place("reports", reports_page.draw, N_("Reports"), "description", WORK, Permission.FIGURES),
    Place("export", export_page.draw, N_("Export"), "download", SETTINGS, Permission.EXPORT),
    Place("alerts", alerts_page.draw, N_("Alerts"), "notifications", SETTINGS, Permission.FIGURES),
    Place("teams", teams_page.draw, N_("Teams"), "groups", SETTINGS, Permission.MANAGE_SETTINGS),
    Place("rules", rules_page.draw, N_("Rules"), "rule", SETTINGS),
    Place("noise", noise_page.draw, N_("Noise"), "filter_alt_off", SETTINGS),
    Place("queries", lab_page.draw, N_("Query lab"), "science", SETTINGS, Permission.FIGURES),
    Place("tags", tags_page.draw, N_("Tags"), "sell", SETTINGS),
    Place("tone", tone_page.draw, N_("Tone"), "mood", SETTINGS),
    Place("label", label_page.draw, N_("Label messages"), "rate_review", SETTINGS, Permission.WORK, listed=False),
    Place("people", people_page.draw, N_("People"), "group", SETTINGS, Permission.MANAGE_USERS),
    Place("tokens", tokens_page.draw, N_("API tokens"), "key", SETTINGS, Permission.MANAGE_USERS),
    Place("privacy", privacy_page.draw, N_("Privacy"), "shield_person", SETTINGS, Permission.PRIVACY, listed=False),
    Place("record", audit_page.draw, N_("Record"), "history", SETTINGS, Permission.AUDIT),
    Place("account", account_page.draw, N_("My account"), "account_circle", SETTINGS),
)


def pages(user: CurrentUser) -> tuple[Mapping[str, list[StreamlitPage]], Mapping[str, StreamlitPage]]:
    """The menu for somebody: pages by translated heading, and the same pages by path."""
    menu: dict[str, list[StreamlitPage]] = {}
    by_path: dict[str, StreamlitPage] = {}
    for place in PLACES:
        if not user.may(place.needs):
            continue
        page = st.Page(
            place.draw,
            title=place.heading(),
            icon=f":material/{place.icon}:",
            url_path=place.path,
            default=place.path == "inbox",
            visibility="visible" if place.listed else "hidden",
        )
        by_path[place.path] = page
        menu.setdefault(_(place.section) if place.section else "", []).append(page)
    return menu, by_path
