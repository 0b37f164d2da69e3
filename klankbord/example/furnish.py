"""What the example's team has agreed on: templates, rules, tags, saved views, an alert, a report, and customers it knows.

Made through the doors of the inbox by the team's lead, as a team would on its first day, so that every screen has
something true to show.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from inbox.alerts.views import By, Condition, RuleDraft
from inbox.alerts.views import Scope as Watched
from inbox.desk import Desk
from inbox.noise.index import Kind
from inbox.noise.views import NoiseDraft
from inbox.rules.language import Actions, Closing, Conditions, Contains, Draft, Listed, OneOf, Rating, Text
from inbox.saved_views.views import Audience
from inbox.service import Inbox
from inbox.views import Filters, View
from inbox.whole_periods import Every, ended_before
from inbox.writing.views import Scope
from store.schema import author

_TEMPLATES = (
    ("Klantnummer vragen", "nl", "Hoi {first_name}, wat vervelend! Wil je ons je klantnummer in een privébericht sturen? Dan zoeken we het meteen voor je uit. {initials}"),
    ("Storing: we zijn ermee bezig", "nl", "Hoi {first_name}, er is een storing en onze monteurs zijn ermee bezig. We laten je vandaag voor 17:00 weten hoe het staat. {initials}"),
    ("Opgelost?", "nl", "Hoi {first_name}, dit zou nu opgelost moeten zijn. Laat je het weten als het niet lukt? {initials}"),
    ("Dank voor het idee", "nl", "Dank voor je idee, {first_name}! We geven het door aan de makers en laten je weten wat ermee gebeurt. {initials}"),
    ("Ask for the customer number", "en", "Hi {first_name}, sorry to hear that. Could you send us your customer number in a private message? {initials}"),
    ("Outage: we are on it", "en", "Hi {first_name}, there is an outage and our engineers are working on it. We will let you know today. {initials}"),
)  # fmt: skip
_RULES = (
    Draft(
        name="Lage beoordeling eerst",
        conditions=Conditions(
            all_of=(OneOf(field=Listed.KIND, values=("review",)), Rating(at_most=0.4)),
        ),
        actions=Actions(priority=1, tags=("lage-sterren",)),
    ),
    Draft(
        name="Opzeggen herkennen",
        conditions=Conditions(all_of=(Text(query="opzeg* OR overstap* OR cancel*"),)),
        actions=Actions(priority=1, tags=("opzeggen",)),
    ),
    Draft(
        name="Vacatures zijn niet voor ons",
        conditions=Conditions(any_of=(Contains(field="title", text="vacature"), Text(query="vacature OR hiring"))),
        actions=Actions(move=Closing.IGNORED, reason="not_about_us"),
        stop=True,
    ),
)
_NOISE = (
    (Kind.SITE, "winst-nu.example", "Reclame voor snel geld"),
    (Kind.WORD, "gratis energieadvies", "Reclame van een adviesbureau"),
)
_ALERT = RuleDraft(
    "Meer over ons dan gewoonlijk",
    Watched(brand_id="lumerik"),
    Condition(By.DEVIATION, 4, window_h=24, minimum=10, cool_down_h=48),
)
_TAGS = (
    ("storing", "Geen of slechte levering, ook als de klant het anders noemt", "red"),
    ("opzeggen", "De klant zegt op of dreigt ermee", "orange"),
    ("factuur", "Nota, incasso, terugbetaling", "blue"),
    ("idee", "Een voorstel voor een product of dienst", "violet"),
    ("compliment", "Iemand is tevreden; deel het met het team", "green"),
)
_INITIALS = {"Sanne": "SW", "Daan": "DM", "Yusuf": "YA", "Femke": "FH"}
_PRESS = "%Redactie%"


def agree(inbox: Inbox, tokens: dict[str, str], *, lead: str) -> None:
    """Make initials, templates, tags, rules, noise rules, an alert rule and shared views.

    Args:
        inbox: the example's.
        tokens: a session per first name of the team.
        lead: who makes what is shared.
    """
    for name, token in tokens.items():
        inbox.writing.set_initials(token, _INITIALS[name])
    token = tokens[lead]
    for name, lang, text in _TEMPLATES:
        inbox.writing.save_template(token, None, name=name, text=text, lang=lang, scope=Scope.SHARED)
    for tag, description, colour in _TAGS:
        inbox.tags.describe(token, tag, description=description, colour=colour)
    for rule in _RULES:
        inbox.rules.save(token, rule)
    for kind, text, why in _NOISE:
        inbox.noise.save(token, NoiseDraft(kind, text, why=why))
    inbox.alerts.save(token, _ALERT)
    views = (
        ("Storing", View.ALL, Filters(tags=("storing",), statuses=("new", "open", "waiting_internal"))),
        ("Duits en Frans", View.NEW, Filters(langs=("de", "fr"))),
        ("Forum open", View.ALL, Filters(source_ids=("forum",), statuses=("new", "open"))),
    )
    for name, base, filters in views:
        inbox.saved_views.create(token, name=name, base=base, filters=filters, audience=Audience.EVERYBODY)


def recognise(desk: Desk, inbox: Inbox, token: str) -> None:
    """Give badges to a journalist and to a few customers that the team has met often."""
    with desk.store.read() as conn:
        press = conn.execute(select(author.c.id).where(author.c.name.like(_PRESS)).limit(1)).scalars().all()
        known = (
            conn.execute(select(author.c.id).where(author.c.followers > 1_000).order_by(author.c.id).limit(3))
            .scalars()
            .all()
        )
    for author_id in press:
        inbox.persons.give_badge(token, author_id, "journalist")
    for author_id in known:
        inbox.persons.give_badge(token, author_id, "vip")


def report(desk: Desk, inbox: Inbox, token: str, now: datetime) -> None:
    """Make the report of the week that ended last."""
    week = ended_before(Every.WEEK, now.astimezone(ZoneInfo(desk.settings.timezone)).date())
    inbox.reports.make(token, week.first, week.last, lang=desk.settings.language)
