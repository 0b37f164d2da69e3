"""By what an account may be recognised elsewhere, from its profile and from what it wrote to us. Pure.

A clue is `kind:hash`: it can be compared and not be read. Kinds: handle, name, url (of the account itself), linked
(an address it wrote), as (a handle it said to be), email, phone, order, city. Addresses of services (info@, 0800)
and texts of ours give none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

import phonenumbers

from inbox.persons.names import is_common_name, is_telling_handle, plain, plain_handle, plain_name, words_of

LONGEST_READ = 10_000
MOST_PER_TEXT = 20
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@([\w-]{1,63}(?:\.[\w-]{1,63}){1,4})")
_ROLES = re.compile(
    r"(info|contact|support|service|klantenservice|klanten|klacht\w*|help\w*|webcare|sales|verkoop|hallo|hello|privacy|"
    r"no-?reply|admin\w*|post|mail|redactie|pers|press|office|team|bestelling\w*|orders?|retour\w*|facturen)"
)
_DIGITS = re.compile(r"(?:\d[\s().-]?){8}")
_SERVICE_NUMBER = re.compile(r"\+31(?:800|900|906|909|88|14|85)")
_ORDER = re.compile(
    r"(?:bestel\w*|order\w*|klant\w*|ticket\w*|zaak\w*|dossier\w*|factuur\w*|invoice\w*|customer)"
    r"(?:\s*(?:nummer|nr|number|no|id)\.?)?\s*[:#]?\s*([a-z]{0,6}-?\d[\d-]{4,18})(?![\d-])",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s<>\"')\]]{4,300}", re.IGNORECASE)
_AS = re.compile(
    r"(?:also (?:posted|known|here) as|i am also|ook (?:geplaatst|bekend|te vinden|actief) als|ik ben ook|"
    r"mijn (?:andere )?account is|my other account is)\s+@?([\w.@-]{4,80})",
    re.IGNORECASE,
)
CITIES = words_of(
    "amsterdam rotterdam utrecht eindhoven groningen tilburg almere breda nijmegen apeldoorn haarlem arnhem enschede "
    "haarlemmermeer amersfoort zaanstad zwolle leiden dordrecht zoetermeer ede leeuwarden maastricht westland delft "
    "alkmaar emmen venlo deventer helmond hilversum heerlen amstelveen roosendaal purmerend oss schiedam spijkenisse "
    "vlaardingen almelo gouda zaandam hoorn assen lelystad veenendaal velsen hengelo katwijk zeist kampen "
    "doetinchem terneuzen middelburg vlissingen goes antwerpen gent brugge leuven mechelen brussel"
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform shows of an account."""

    platform: str
    handle: str | None = None
    name: str | None = None
    url: str | None = None


def clue(kind: str, value: str) -> str:
    """One clue."""
    return f"{kind}:{blake2b(value.encode('utf-8', 'replace'), digest_size=16).hexdigest()}"


def of_profile(profile: Profile) -> frozenset[str]:
    """Clues of an account itself. Names and handles that many people have are marked as such."""
    found: set[str] = set()
    handle = plain_handle(profile.handle)
    if handle:
        found.add(clue("handle" if is_telling_handle(handle) else "plainhandle", handle))
        found.add(clue("called", handle))
    name = plain_name(profile.name)
    if name:
        found.add(clue("commonname" if is_common_name(name) else "name", name))
    scheme, _, detail = (profile.url or "").partition(":")
    if scheme in {"mailto", "tel"}:
        found.add(clue("email" if scheme == "mailto" else "phone", detail))
    url = plain_url(profile.url)
    if url:
        found.add(clue("url", url))
    return frozenset(found)


def of_text(text: str) -> frozenset[str]:
    """Clues in something an account wrote; at most 20, from the first 10,000 characters."""
    read = text[:LONGEST_READ]
    found: dict[str, None] = {}
    for local, host in _EMAIL.findall(read):
        if not _ROLES.fullmatch(local.casefold()):
            found[clue("email", f"{local}@{host}".casefold())] = None
    for number in phones(read):
        found[clue("phone", number)] = None
    for number in _ORDER.findall(read):
        digits = re.sub(r"\W", "", number).casefold()
        if sum(one.isdigit() for one in digits) >= 5 and len(set(digits)) > 2:
            found[clue("order", digits)] = None
    for link in _LINK.findall(read):
        url = plain_url(link.rstrip(".,;:!?"))
        if url:
            found[clue("linked", url)] = None
    for handle in _AS.findall(read):
        said = plain_handle(handle.rstrip("."))
        if said:
            found[clue("as", said)] = None
    words = set(plain(read[:500]).split())
    for city in sorted(words & CITIES):
        found[clue("city", city)] = None
    return frozenset(list(found)[:MOST_PER_TEXT])


def phones(text: str) -> list[str]:
    """Telephone numbers in a text as +31612345678; Dutch ones without a country too. Service numbers are left out."""
    if not _DIGITS.search(text):
        return []
    found = []
    for match in phonenumbers.PhoneNumberMatcher(text, "NL", max_tries=200):
        number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        if not _SERVICE_NUMBER.match(number):
            found.append(number)
    return found


def plain_url(url: str | None) -> str:
    """An address of a profile as it is compared: host and path; empty for a bare host, which says nothing."""
    if not url:
        return ""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.netloc.rpartition("@")[2]).casefold().removeprefix("www.")
    path = parts.path.rstrip("/").casefold()
    return f"{host}{path}" if host and path and parts.scheme in {"http", "https"} else ""


def counterparts(found: str) -> tuple[str, ...]:
    """The clues by which another account answers to this one: itself, or the other side of a link or a claim."""
    kind, _, digest = found.partition(":")
    return {
        "linked": (f"url:{digest}",),
        "url": (f"linked:{digest}",),
        "as": (f"called:{digest}",),
        "called": (f"as:{digest}",),
        "city": (),
        "commonname": (),
        "plainhandle": (),
    }.get(kind, (found,))
