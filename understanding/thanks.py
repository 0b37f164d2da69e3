"""Whether a message only says thank you, in Dutch and English. Such a message does not reopen a conversation.

Cautious on purpose: a thank-you that opens something costs a click, a complaint taken for a thank-you is lost. So
every word must be known as thanks, greeting or small talk, and a question mark or a figure always means no.
"""

from __future__ import annotations

import re

from understanding.fold import words

_THANKS_NL = "bedankt dank dankje dankjewel dankjulliewel dankuwel merci thanks thx tnx hulde topper toppers"
_THANKS_EN = "thanks thank thankyou thx tnx ty cheers appreciated"
_SMALL_NL = (
    "ja oke ok okee prima top super fijn fijne mooi goed goede geweldig perfect netjes helder duidelijk gelukt hoi "
    "hallo dag groet groeten groetjes mvg vriendelijke met je jij jullie u uw jouw wel zeer heel erg veel hartelijk "
    "alvast voor de het snelle snel reactie antwoord hulp info informatie uitleg oplossing service moeite bericht "
    "terugkoppeling weekend avond middag nog en dit dat is was fantastisch alles weer"
)
_SMALL_EN = (
    "yes ok okay great good perfect super nice awesome lovely brilliant hi hello dear you u so very much many a lot "
    "all again for the your quick fast swift speedy kind reply response answer help helping info information "
    "explanation solution service support kindly have day evening weekend regards best and that it is was "
    "wonderful got solved sorted"
)
_ENGLISH_THANKS = frozenset(_THANKS_EN.split())
_ENGLISH = _ENGLISH_THANKS | frozenset(_SMALL_EN.split())
_ALL_THANKS = _ENGLISH_THANKS | frozenset(_THANKS_NL.split())
_ALL = _ENGLISH | _ALL_THANKS | frozenset(_SMALL_NL.split())
_ALONE = frozenset("\U0001f64f\U0001f44d\u2764")
_HANDLE = re.compile(r"[@#]\S+")
_NAMED = re.compile(
    r"(?:[Bb]edankt|[Dd]ank(?:jewel|uwel|\s(?:je|u)\swel)|[Tt]hanks|[Tt]hank\syou|[Cc]heers)[, ]{1,3}"
    r"(?P<name>[A-Z][a-z]{1,14})\s?[!.]?$"
)
_NOT_NAMES = frozenset({"maar", "but", "niet", "not", "nothing", "niks", "nergens"})
_LONGEST = 25


def is_mere_thanks(text: str, lang: str = "und") -> bool:
    """Whether `text` says thank you and nothing else.

    Args:
        text: plain text of the message.
        lang: `nl` or `en`; anything else is read with both word lists, because so short a text is often
            labelled wrongly. Dutch texts may thank in English too.
    """
    bare = _HANDLE.sub(" ", text).strip()
    if "?" in text or any(char.isdigit() for char in bare):
        return False
    named = _NAMED.search(bare)
    if named is not None and named["name"].lower() not in _NOT_NAMES:
        bare = bare[: named.start("name")]
    said = words(bare)
    if not said:
        return any(char in _ALONE for char in bare)
    thanks, known = (_ENGLISH_THANKS, _ENGLISH) if lang == "en" else (_ALL_THANKS, _ALL)
    return len(said) <= _LONGEST and all(word in known for word in said) and any(word in thanks for word in said)
