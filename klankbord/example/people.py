"""Invented people and places of the example. Any likeness to somebody is chance."""

from __future__ import annotations

from typing import Final

BRAND: Final = "Lumerik"
RIVAL: Final = "Voltade"
FIRST_NAMES: Final = (
    "Anouk", "Bram", "Chantal", "Daniël", "Eva", "Fatima", "Gijs", "Hanneke", "Ilse", "Jeroen", "Kees", "Lotte", "Mohammed", "Noor",
    "Oscar", "Petra", "Quinten", "Roos", "Samira", "Thijs", "Ümit", "Vera", "Wouter", "Xander", "Yara", "Zoë", "Aukje", "Björn",
    "Célia", "Dirk", "Esra", "Floor", "Gerrit", "Hugo", "Imane", "Joost", "Kim", "Liesbeth", "Maarten", "Nadia",
)  # fmt: skip
LAST_NAMES: Final = (
    "de Vries", "Jansen", "Bakker", "Visser", "Smit", "Meijer", "de Boer", "Mulder", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen",
    "Dekker", "Brouwer", "de Wit", "Dijkstra", "Smits", "de Graaf", "van der Meer", "Kuipers", "Yılmaz", "El Amrani", "Postma", "Hoekstra",
    "Nguyen", "Willems", "Maas", "Prins", "Huisman", "van den Berg", "Schouten",
)  # fmt: skip
PLACES: Final = (
    "Zwolle", "Amersfoort", "Groningen", "Tilburg", "Arnhem", "Leeuwarden", "Haarlem", "Maastricht", "Apeldoorn", "Delft", "Breda",
    "Enschede", "Utrecht", "Nijmegen", "Almere", "Assen", "Venlo", "Middelburg",
)  # fmt: skip
PHONES: Final = ("Pixel 10", "iPhone 17", "Galaxy S26", "Fairphone 6", "iPad")
CARS: Final = ("Kia EV3", "Tesla Model 3", "Renault 5", "VW ID.3", "Volvo EX30")
STAFF: Final = ("Sanne", "Daan", "Yusuf", "Femke")
"""First names of the example's agents, as they sign their answers."""
WEEKDAYS: Final = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}
