"""The words of moments in Dutch and English, as patterns over lower case text with straight apostrophes.

Named groups carry the meaning; `understanding.moments` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Lang = Literal["nl", "en"]

WEEKDAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
}
MONTHS = {
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "en": (
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ),
}
NUMBERS = {
    "nl": ("een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
}
ONE = {"één", "a", "an", "het", "the"}
PARTS = {
    "ochtend": "morning",
    "morgen": "morning",
    "vroeg": "morning",
    "middag": "afternoon",
    "avond": "evening",
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "night": "evening",
}


def _any(words: Iterable[str]) -> str:
    return "|".join(words)


_N = {
    "nl": rf"\d{{1,3}}|één|{_any(NUMBERS['nl'])}",
    "en": rf"\d{{1,3}}|an?|{_any(NUMBERS['en'])}|couple\s+of|a\s+couple\s+of",
}
_RANGE = {"nl": r"\s*(?:-|\u2013|à|tot|of|/)\s*", "en": r"\s*(?:-|\u2013|to|or|/)\s*"}
SPANS = {
    "nl": re.compile(
        rf"(?P<lead>binnen|over|in\s+de\s+komende|de\s+komende)\s+(?:nu\s+en\s+|maximaal\s+"
        rf"|uiterlijk\s+|ongeveer\s+|circa\s+|zo'n\s+)*"
        rf"(?:(?P<n>{_N['nl']})(?:{_RANGE['nl']}(?P<m>{_N['nl']}))?\s*)?"
        r"(?P<unit>minuten|minuut|min|kwartier|half\s+uur|halfuur|uren|uur|werkdag(?:en)?|dagen|dag|weken|week)\b"
    ),
    "en": re.compile(
        rf"(?P<lead>within|in|over|during)\s+(?:the\s+next\s+|under\s+|less\s+than\s+|about\s+"
        rf"|at\s+most\s+|max(?:imum)?\s+)*"
        rf"(?:(?P<n>{_N['en']})(?:{_RANGE['en']}(?P<m>{_N['en']}))?[\s-]*)?"
        r"(?P<unit>minutes?|mins?|half\s+an\s+hour|hours?|hrs?|(?:business|working|work)\s+days?|days?|weeks?)\b"
    ),
}
HOUR_ALONE = {
    "nl": re.compile(r"binnen\s+het\s+(?:komende\s+)?(?P<unit>uur)\b"),
    "en": re.compile(r"within\s+the\s+(?:next\s+)?(?P<unit>hour)\b"),
}
DAYS = {
    "nl": re.compile(
        r"(?P<today>vandaag|vanochtend|vanmorgen|vanmiddag|vanavond|later\s+op\s+de\s+dag)\b"
        r"|(?P<after>overmorgen)\b"
        r"|(?P<tomorrow>morgen\s?(?P<tpart>ochtend|middag|avond|vroeg)?)\b"
        r"|(?P<end>(?:het\s+)?eind(?:e)?\s+(?:van\s+)?(?:de|deze|volgende)\s+(?P<what>dag|werkdag"
        r"|middag|ochtend|avond|week))\b"
        r"|(?P<loop>(?:in\s+)?de\s+loop\s+van\s+(?:de|deze|volgende)\s+(?P<lwhat>dag|middag|ochtend|avond|week))\b"
        r"|(?P<weekend>(?P<wside>voor|vóór|na)\s+het\s+weekend)\b"
        r"|(?P<next>volgende\s+week\s+(?:op\s+)?)(?P<nday>{days})\b"
        r"|(?P<wday>{days})\s?(?P<wpart>ochtend|middag|avond)?(?:\s+(?:aanstaande|a\.s\.?"
        r"|(?P<wnext>(?:van\s+|in\s+)?volgende\s+week)))?(?!\w)"
        r"|(?P<week>(?:(?P<when>begin|halverwege|eind)\s+)?(?P<which>deze|volgende)\s+week)\b"
        r"|(?P<dom>\d{{1,2}})\s+(?P<month>{months})(?:\s+(?P<year>\d{{4}}))?\b"
        r"|(?<=op\s)(?P<num>\d{{1,2}}[-/]\d{{1,2}}(?:[-/]\d{{2,4}})?)\b".format(
            days=_any(WEEKDAYS["nl"]), months=_any(MONTHS["nl"])
        )
    ),
    "en": re.compile(
        r"(?P<today>(?:later\s+)?today|tonight|this\s+(?:morning|afternoon|evening))\b"
        r"|(?P<after>the\s+day\s+after\s+tomorrow)\b"
        r"|(?P<tomorrow>tomorrow\s?(?P<tpart>morning|afternoon|evening|night)?)\b"
        r"|(?P<end>(?:the\s+)?end\s+of\s+(?:the|this|next|business|play|your)?\s*(?:business\s+"
        r"|working\s+)?(?P<what>day|week|business)?|close\s+of\s+business|cob|eod)\b"
        r"|(?P<loop>in\s+the\s+course\s+of\s+(?:the|this|next)\s+(?P<lwhat>day|week))\b"
        r"|(?P<weekend>(?P<wside>before|after)\s+the\s+weekend)\b"
        r"|(?P<next>next\s+week\s+(?:on\s+)?)(?P<nday>{days})\b"
        r"|(?P<nextday>next\s+)(?P<nwday>{days})\s?(?P<nwpart>morning|afternoon|evening|night)?\b"
        r"|(?P<wday>{days})\s?(?P<wpart>morning|afternoon|evening"
        r"|night)?(?:\s+(?P<wnext>(?:of\s+)?next\s+week))?(?!\w)"
        r"|(?P<week>(?:(?P<when>early|late|middle\s+of|mid)\s+)?(?:in\s+)?(?P<which>this|next)\s+week)\b"
        r"|(?P<dom>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{months})(?:\s+(?P<year>\d{{4}}))?\b"
        r"|(?P<month2>{months})\s+(?P<dom2>\d{{1,2}})(?:st|nd|rd|th)?\b".format(
            days=_any(WEEKDAYS["en"]), months=_any(MONTHS["en"])
        )
    ),
}
CLOCKS = {
    "nl": re.compile(
        rf"(?:(?P<h>\d{{1,2}})[:.](?P<m>\d{{2}})(?:\s*(?:uur|u))?|(?P<hour>\d{{1,2}}"
        rf"|{_any(NUMBERS['nl'])})\s*(?:uur|u)"
        rf"|half\s+(?P<half>{_any(NUMBERS['nl'])}))(?!\w)(?:\s+'s\s+(?P<half_of>ochtends|middags|avonds))?"
    ),
    "en": re.compile(
        r"(?:(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))?\s*(?P<ap>am|pm|a\.m\.?|p\.m\.?)|(?P<h2>\d{1,2}):(?P<m2>\d{2})"
        r"|(?P<word>noon|midday|midnight)|(?P<hour>\d{1,2})\s+o'clock)(?!\w)"
    ),
}
# What stands right before a moment and makes it none.
NOT_BEFORE = {
    "nl": re.compile(
        r"(?:vanaf|sinds|(?<!loop\s)van|na|per|tot(?:\s+en\s+met)?|t/m|elke|iedere|ieder|afgelopen"
        r"|vorige|goede|goeden|tussen\s+nu\s+en|niet\s+eerder\s+dan)"
        r"\s+(?:de\s+|het\s+|komende\s+|op\s+)*$"
    ),
    "en": re.compile(
        r"(?:since|from|after|starting|until|till|through|every|each|last|past|previous|of|good"
        r"|as\s+of|no\s+earlier\s+than|not\s+before)"
        r"\s+(?:the\s+|on\s+|next\s+|this\s+)*$"
    ),
}
BEFORE = {
    "nl": re.compile(r"(?:voor|vóór|vòòr)\s+(?:komende\s+|aanstaande\s+)?$"),
    "en": re.compile(r"before\s+(?:this\s+|coming\s+)?$"),
}
LEAD = {
    "nl": re.compile(
        r"(?<!\w)(?:(?:nog|later|uiterlijk|voor|vóór|vòòr|tegen|om|rond|omstreeks|op|aan|in\s+de\s+loop\s+van"
        r"|komende|aankomende|aanstaande|ergens|tussen|al|deze)\s+)+$"
    ),
    "en": re.compile(
        r"(?<!\w)(?:(?:by|before|at|around|about|on|no\s+later\s+than|at\s+the\s+latest|latest|later|sometime"
        r"|this|coming|between|the)\s+)+$"
    ),
}
BETWEEN = {
    "nl": re.compile(r"[\s,]*(?:(?:nog|uiterlijk|voor|vóór|vòòr|tegen|om|rond|omstreeks|op|tussen|\()\s*)*"),
    "en": re.compile(r"[\s,]*(?:(?:by|before|at|around|about|on|no\s+later\s+than|between|\()\s*)*"),
}
OR = {"nl": re.compile(r"\s*(?:of|en|-|\u2013)\s*"), "en": re.compile(r"\s*(?:or|and|-|\u2013)\s*")}
THROUGH = {"nl": re.compile(r"\s*(?:t/m|tot\s+en\s+met|tot)\s+"), "en": re.compile(r"\s*(?:through|to|until|till)\s+")}
