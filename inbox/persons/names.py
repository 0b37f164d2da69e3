"""How names and handles are compared, and which of them are too common to say anything. Pure.

Lists: the most given first names and the most common surnames of the Netherlands (Meertens Instituut, Nederlandse
Voornamenbank and Familienamenbank, top of each), so that two people called Jan de Vries stay two people.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written as a line of text."""
    return frozenset(text.split())


FIRST_NAMES = words_of(
    "jan piet kees klaas henk johan johannes peter hans willem gerrit cornelis pieter dirk marco mark martin paul rob "
    "robert ruud bas bart tim tom thomas daan sem lucas luuk lars stijn jesse max finn noah levi milan bram sam "
    "jeroen dennis patrick michel erik eric frank arjan marcel richard ron wim ben joost maarten niels nick rick "
    "kevin danny jeffrey mike stefan sander martijn wouter koen gijs ruben mohamed mohammed ahmed ali youssef yusuf "
    "hassan ibrahim mehmet mustafa maria anna johanna els els ellen ans anja anneke annie truus riet corrie joke ria "
    "marja marijke monique linda petra sandra wendy esther ingrid saskia karin mieke ineke yvonne astrid angelique "
    "sanne lisa laura lotte emma sophie julia eva anouk iris fleur femke lieke nina sara sarah noor tess evi zoe "
    "mila saar nora yara roos manon kim chantal melissa michelle nicole marieke annemarie marloes fatima aicha "
    "john david michael james william mary chris alex charlotte robin bob ed ad jo leo theo ton"
)
SURNAMES = words_of(
    "jong jansen vries berg dijk bakker janssen visser smit meijer meyer boer mulder groot bos vos peters hendriks "
    "leeuwen dekker brouwer wit dijkstra smits graaf meer linden kok jacobs haan vermeulen heuvel veen broek bruijn "
    "bruin heijden schouten beek willems vliet ven hoekstra maas verhoeven koster dam prins blom huisman peeters "
    "jonge kuipers veenstra post postma kramer brink wal vink scholten jonker verbeek ruiter wolf timmermans "
    "timmerman evers martens claassen bosch kuiper gerritsen pol wijk hermans hendriksen zwart bergh mol koning "
    "peeters jonker janse hofman bosman wiersma yilmaz kaya ozturk smith jones brown johnson williams miller"
)
PARTICLES = words_of("de den der van het ter ten te op in 't el al von du la le ver aan bij uit")
# Words of handles that many people choose by themselves.
_GENERIC = words_of(
    "admin info user gast guest anoniem anonymous customer klant test mail webcare support service official the mr "
    "mrs dhr mevr real nl eu holland amsterdam rotterdam utrecht reviews review fan gamer"
)
_SHORTEST_HANDLE = 6


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Letters and digits as they are compared: no capitals, accents, stacked marks or directions; words apart."""
    flat = unicodedata.normalize("NFKD", text[:500]).casefold()
    kept = "".join(one if one.isalnum() else " " for one in flat if not unicodedata.combining(one))
    return " ".join(kept.split())


def plain_name(name: str | None) -> str:
    """A full name of at least two words as it is compared; empty when it is none."""
    if not name or "@" in name:
        return ""
    words = plain(name).split()
    real = [word for word in words if word not in PARTICLES and len(word) > 1 and not word.isdigit()]
    return " ".join(words) if len(real) >= 2 else ""


def plain_handle(handle: str | None) -> str:
    """A handle as it is compared: without @, server, dots and underscores; empty when it is too short to say much."""
    if not handle:
        return ""
    local = handle.strip().lstrip("@").partition("@")[0]
    flat = plain(local).replace(" ", "")
    return flat if len(flat) >= _SHORTEST_HANDLE and any(one.isalpha() for one in flat) else ""


def is_common_name(name: str) -> bool:
    """Whether a plain full name is made of common names only, so that many people bear it."""
    words = [word for word in name.split() if word not in PARTICLES]
    return all(word in FIRST_NAMES or word in SURNAMES or len(word) == 1 for word in words)


@lru_cache(maxsize=4096)
def is_telling_handle(handle: str) -> bool:
    """Whether a plain handle says something by itself: not just names, common words and a year."""
    letters = handle.rstrip("0123456789").lstrip("0123456789")
    return len(letters) >= _SHORTEST_HANDLE and not _is_made_of(letters, FIRST_NAMES | SURNAMES | PARTICLES | _GENERIC)


def _is_made_of(text: str, words: frozenset[str]) -> bool:
    """Whether the text can be cut into these words and single letters (at most one)."""
    # For each position: the fewest single letters with which the text up to there can be cut, or None.
    reached: list[int | None] = [0] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 14), end):
            before = reached[start]
            if before is None:
                continue
            piece = text[start:end]
            spent = 0 if piece in words else 1 if len(piece) == 1 else 2
            if before + spent <= 1:
                best = reached[end]
                reached[end] = before + spent if best is None else min(best, before + spent)
    return reached[-1] is not None
