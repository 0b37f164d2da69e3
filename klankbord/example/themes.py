"""Themes of the example's team: most with a query that links by itself, two that agents link by hand."""

from __future__ import annotations

from inbox.errors import InboxError
from inbox.service import Inbox
from inbox.themes.views import Draft

LEAD = "Femke"
_BY_HAND = {"idee": "Ideeën voor de app", "opzeggen": "Opzeggen is lastig te vinden"}
"""Themes without a query, by the tag that agents give."""
_THEMES = (
    Draft(
        "Laadpaal valt uit",
        "Laadpalen die niet starten of stoppen, vaak na een update",
        "(laadpaal OR charger OR borne OR lädt) AND (storing OR update OR niets OR broke OR outage OR marche)",
        ("Na de update doet mijn laadpaal niets meer", "Ik kan mijn auto niet opladen door de storing"),
    ),
    Draft(
        "App werkt niet",
        "Inloggen, wit scherm, vastlopen",
        'app AND (klapt OR inloggen OR laadscherm OR "wit scherm" OR pincode OR crashing OR "log in" OR stuck)',
        ("De app klapt er steeds uit", "Ik kan niet inloggen in de app"),
    ),
    Draft(
        "Onjuiste nota",
        "Dubbel afgeschreven, te hoge of ontbrekende nota",
        '"twee keer" OR "verkeerde factuur" OR eindafrekening OR jaarnota OR "final bill" OR betalingsachterstand',
        ("Er is twee keer geld afgeschreven", "Mijn jaarnota klopt niet"),
    ),
    Draft(
        "Slecht bereikbaar",
        "Lang in de wacht, niet teruggebeld, geen antwoord op mail",
        'wacht OR "on hold" OR "belt niet terug" OR Kundendienst OR "reageert al" OR "call me back"',
        ("Ik sta al drie kwartier in de wacht", "Niemand belt mij terug"),
    ),
    Draft(
        "Monteur komt niet",
        "Afspraken voor meters en laadpalen die niet doorgaan",
        "(monteur OR technician OR Techniker OR technicien) AND (niemand OR verzet OR nobody OR showed OR jamais)",
        ("De monteur is niet gekomen", "De afspraak voor de slimme meter is verzet"),
    ),
    Draft(
        "Terugleverkosten en tarieven",
        "Vragen en klachten over wat stroom en terugleveren kost",
        "terugleverkosten OR tarieven OR leveringskosten OR duurder OR standing OR feeding",
        ("Waarom betaal ik terugleverkosten?",),
    ),
    Draft(
        _BY_HAND["idee"],
        "Wat klanten graag in de app zouden zien",
        examples=("Maak een donkere modus in de app", "Een seintje als de stroom goedkoop is"),
    ),
    Draft(
        _BY_HAND["opzeggen"],
        "Klanten die niet vinden hoe ze kunnen opzeggen",
        examples=("Hoe zeg ik op?", "Opzeggen is op de website onvindbaar"),
    ),
)


def make(inbox: Inbox, token: str) -> None:
    """Make the themes of the team."""
    for one in _THEMES:
        inbox.themes.make(token, one)


def judge(inbox: Inbox, token: str, conversation_id: int, tag: str) -> None:
    """What an agent does with themes: links by hand what has no query, and says yes or no to a sure suggestion."""
    wanted = _BY_HAND.get(tag)
    names = {one.name: one.id for one in inbox.themes.names(token)}
    try:
        if wanted in names:
            inbox.themes.link(token, conversation_id, names[wanted])
        elif conversation_id % 3 == 0:
            inbox.themes.accept(token, conversation_id, 1)
    except InboxError:
        return  # a colleague took it meanwhile
