"""Personal data in a text: what should not stand in an answer that everybody reads, nor in a file or a log.

Careful on both sides. A number only counts as personal where its check digit, its spelling or the words beside it make
that plausible, because a guard that cries at every date and order of words is soon clicked away. What is public anyway
(service numbers, addresses such as `info@...`, handles) is no finding.

Sources: IBAN and BSN check digits by python-stdnum, phone numbers by phonenumbers (libphonenumber), card prefixes as in
ISO/IEC 7812, postcodes as PostNL gives them out (four digits not beginning with 0, two letters, never SA, SD or SS).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from stdnum import iban, luhn
from stdnum.nl import bsn


class Pii(StrEnum):
    """Sorts of personal data that are looked for."""

    IBAN = "iban"
    CARD = "card"
    EMAIL = "email"
    BSN = "bsn"
    ORDER = "order"
    """A number of an order, a customer, an invoice, a policy: with it one can pass for the customer."""
    PHONE = "phone"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class PiiFound:
    """One stretch [start, end) of a text, in code points."""

    kind: Pii
    start: int
    end: int


_DIGITS = re.compile(r"\d(?:\D{0,4}\d){5}")
"""A number of at least six digits; without one there is no telephone number."""
_DUTCH_MOBILE = re.compile(
    r"(?<![\w.,/-])(?:06|(?:\+|00)31[ -]?(?:\(0\))?[ -]?6)[ -]?(?:[0-9][ -]?){7}[0-9](?![\w-]|[.,][0-9])"
)
"""Looks like a mobile number, also where the number was never given out: people make mistakes in their own."""
_LEAST_PLACES = 4
_LONGEST_FORM = 40
_SEPARATOR = r"[ \u00a0\u202f.\-\u2011\u2013]"
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.@+/-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![\w@])")
# Addresses of a desk, not of a person.
_ROLES = frozenset(
    {
        "info", "service", "services", "klantenservice", "klantenzorg", "klantcontact", "webcare", "support", "help",
        "helpdesk", "hello", "hallo", "contact", "sales", "verkoop", "privacy", "avg", "press", "pers", "redactie",
        "nieuwsbrief", "administratie", "facturen", "receptie", "community", "forum", "team", "noreply", "no-reply",
        "security", "abuse", "postmaster", "webmaster", "jobs", "vacatures",
    }
)  # fmt: skip
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?=[ \u00a0.\-]?[A-Z0-9])", re.IGNORECASE)
_CARD = re.compile(
    rf"(?<![\w-])[3-6](?:{_SEPARATOR}?[0-9]){{12,18}}(?![\w-])|(?<![\w-])2(?:{_SEPARATOR}?[0-9]){{15}}(?![\w-])"
)
_CARD_PREFIX = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[0-9]{15}|6[0-9]{15}(?:[0-9]{2,3})?|3[47][0-9]{13}|"
    r"2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
)
_BSN = re.compile(rf"(?<![\w.,/-])[0-9]{{3,4}}{_SEPARATOR}?[0-9]{{2,3}}{_SEPARATOR}?[0-9]{{2,3}}(?![\w/-]|[.,][0-9])")
_BSN_WORDS = re.compile(
    r"\b(?:bsn|burger\s?service\s?n(?:ummer|r)|sofi(?:-?\s?n(?:ummer|r))?|citizen service n(?:umber|o)|"
    r"social security|national id)\b",
    re.IGNORECASE,
)
_BSN_SPELLING = re.compile(r"[0-9]{4}[.][0-9]{2}[.][0-9]{3}|[0-9]{3}[.][0-9]{3}[.][0-9]{3}")
_THING = (
    r"(?:order|bestel(?:ling)?|klant(?:en)?|relatie|debiteur(?:en)?|factuur|contract|polis|dossier|account|lidmaatschaps?|"
    r"abonnements?|rekening|reserverings?|boekings?|customer|client|invoice|policy|booking|reservation|membership|member)"
)
_NUMBER_WORD = r"(?:nummer|nrs?|number|no|id|code|kenmerk|ref(?:erence|erentie)?)"
_CODE = r"(?=[A-Z0-9./-]*[0-9])[A-Z0-9](?:[A-Z0-9]|[./-](?=[A-Z0-9])){3,24}"
_ORDER = re.compile(
    rf"\b{_THING}[\s-]?{_NUMBER_WORD}?\b[.:#\s]{{0,4}}(?:(?:is|was|van u|van je)\b[:\s]{{1,2}})?#?"
    rf"(?P<code>{_CODE})(?![A-Z0-9])",
    re.IGNORECASE,
)
_SAYS_NUMBER = re.compile(rf"{_NUMBER_WORD}\b|#", re.IGNORECASE)
_POSTCODE = re.compile(r"(?<![\w.,€-])(?P<digits>[1-9][0-9]{3}) ?(?P<letters>[A-Z]{2})(?![\w-])")
_SMALL_POSTCODE = re.compile(r"(?<![\w.,€-])(?P<digits>[1-9][0-9]{3})(?P<letters>[a-z]{2})(?![\w-])")
_HOUSE = r"[0-9]{1,4}(?:\s?-?\s?[A-Za-z]{1,2}|-[0-9]{1,4})?"
_HOUSE_AFTER = re.compile(
    rf"[ ,:;]{{1,3}}(?:(?:huis)?(?:nummer|nr\.?|no\.?)\s?)?{_HOUSE}\b(?![.,]?[0-9%])", re.IGNORECASE
)
_HOUSE_BEFORE = re.compile(rf"[A-Z][\w'\u2019.-]+(?: [A-Za-z][\w'\u2019.-]+){{0,4}} {_HOUSE}[ ,;\n]{{1,3}}$")
_SHOUTED_WORDS = frozenset(
    {"EN", "OF", "IN", "TE", "OP", "IS", "OM", "AN", "OR", "TO", "AT", "BY", "AD", "GB", "MB", "KM"}
)

ALL_PII = frozenset(Pii)


class NumberFormError(ValueError):
    """A form of order numbers that would find too much; the message says what it needs."""


def number_form(form: str) -> re.Pattern[str]:
    """How a company's own numbers look: `#` stands for a digit, `@` for a letter, the rest for itself.

    Raises:
        NumberFormError: fewer than four places to fill in, or longer than 40.
    """
    if sum(form.count(sign) for sign in "#@") < _LEAST_PLACES or len(form) > _LONGEST_FORM:
        msg = f"{form!r} needs at least {_LEAST_PLACES} places (# a digit, @ a letter) in at most {_LONGEST_FORM} signs"
        raise NumberFormError(msg)
    places = {"#": "[0-9]", "@": "[A-Z]"}
    body = "".join(places.get(sign) or re.escape(sign) for sign in form)
    return re.compile(rf"(?<![\w-]){body}(?![\w-])", re.IGNORECASE)


def find_pii(
    text: str, *, region: str = "NL", kinds: Collection[Pii] = ALL_PII, forms: Sequence[re.Pattern[str]] = ()
) -> tuple[PiiFound, ...]:
    """Personal data in a text, in order, without overlaps.

    Args:
        text: what is about to be published, exported or kept.
        region: ISO 3166 country whose way of writing phone numbers holds without a country code.
        kinds: what to look for.
        forms: how the company's own numbers look (`number_form`); found as orders.
    """
    # Numbers inside links are rarely personal and often long; accounts and e-mail addresses in them do count.
    bare = _URL.sub(lambda match: " " * len(match[0]), text)
    # In order of certainty: who comes first keeps the stretch.
    searches: tuple[tuple[Pii, Callable[[], Iterator[PiiFound]]], ...] = (
        (Pii.ORDER, lambda: _formed(bare, forms)),
        (Pii.IBAN, lambda: _ibans(text)),
        (Pii.EMAIL, lambda: _emails(text)),
        (Pii.CARD, lambda: _cards(bare)),
        (Pii.BSN, lambda: _bsns(bare)),
        (Pii.ORDER, lambda: _orders(bare)),
        (Pii.PHONE, lambda: _phones(bare, region)),
        (Pii.ADDRESS, lambda: _addresses(bare)),
    )
    found: list[PiiFound] = []
    taken = bytearray(len(text))
    for kind, search in searches:
        for one in search() if kind in kinds else ():
            if not any(taken[one.start : one.end]):
                taken[one.start : one.end] = b"\x01" * (one.end - one.start)
                found.append(one)
    return tuple(sorted(found, key=lambda one: one.start))


def mask(
    text: str, *, region: str = "NL", kinds: Collection[Pii] = ALL_PII, forms: Sequence[re.Pattern[str]] = ()
) -> str:
    """The text with what `find_pii` finds replaced by its kind, such as `[iban]`; what holds nothing stays the same."""
    found = find_pii(text, region=region, kinds=kinds, forms=forms)
    if not found:
        return text
    pieces, at = [], 0
    for one in found:
        pieces += [text[at : one.start], f"[{one.kind.value}]"]
        at = one.end
    return "".join((*pieces, text[at:]))


def _formed(text: str, forms: Sequence[re.Pattern[str]]) -> Iterator[PiiFound]:
    for form in forms:
        for match in form.finditer(text):
            yield PiiFound(Pii.ORDER, match.start(), match.end())


def _emails(text: str) -> Iterator[PiiFound]:
    for match in _EMAIL.finditer(text):
        if match[0].partition("@")[0].lower() not in _ROLES:
            yield PiiFound(Pii.EMAIL, match.start(), match.end())


def _ibans(text: str) -> Iterator[PiiFound]:
    for match in _IBAN_START.finditer(text):
        at, said = match.start(), ""
        # The country decides how long it is, so every length is tried until the check digits fit.
        for end in range(at, min(len(text), at + 46)):
            char = text[end]
            if char.isascii() and char.isalnum():
                said += char
            elif char not in " \u00a0.-" or len(said) >= 34:
                break
            if (
                15 <= len(said) <= 34
                and char.isalnum()
                and _ends(text, end + 1)
                and iban.is_valid(said, check_country=False)
            ):
                yield PiiFound(Pii.IBAN, at, end + 1)
                break


def _ends(text: str, at: int) -> bool:
    return at >= len(text) or not (text[at].isascii() and text[at].isalnum())


def _cards(text: str) -> Iterator[PiiFound]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"[^0-9]", "", match[0])
        if _CARD_PREFIX.fullmatch(digits) and luhn.is_valid(digits) and len(set(digits)) > 1:
            yield PiiFound(Pii.CARD, match.start(), match.end())


def _bsns(text: str) -> Iterator[PiiFound]:
    for match in _BSN.finditer(text):
        digits = re.sub(r"[^0-9]", "", match[0])
        named = _BSN_WORDS.search(text[max(0, match.start() - 60) : match.end() + 25]) is not None
        spelt = _BSN_SPELLING.fullmatch(match[0]) is not None and len(digits) == 9
        if (named or spelt) and len(digits) in {8, 9} and (named or len(digits) == 9) and bsn.is_valid(digits):
            yield PiiFound(Pii.BSN, match.start(), match.end())


def _orders(text: str) -> Iterator[PiiFound]:
    for match in _ORDER.finditer(text):
        code = match["code"]
        digits = sum(char.isdigit() for char in code)
        says_number = _SAYS_NUMBER.search(text[match.start() : match.start("code")]) is not None
        # "order 2026" is a year and "bestelling 3x" an amount; behind the word "number" four digits are enough.
        if digits >= (4 if says_number else 5) and not _is_date(code):
            yield PiiFound(Pii.ORDER, match.start("code"), match.end("code"))


def _is_date(code: str) -> bool:
    return re.fullmatch(r"[0-9]{1,2}[./-][0-9]{1,2}(?:[./-][0-9]{2,4})?|[0-9]{4}-[0-9]{2}-[0-9]{2}", code) is not None


def _phones(text: str, region: str) -> Iterator[PiiFound]:
    if not _DIGITS.search(text):
        return
    if region == "NL":
        for mobile in _DUTCH_MOBILE.finditer(text):
            yield PiiFound(Pii.PHONE, mobile.start(), mobile.end())
    # The metadata of the world's numbers takes a tenth of a second to load, and settings need only the kinds.
    import phonenumbers
    from phonenumbers import PhoneNumberType

    public = (
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
    )
    for match in phonenumbers.PhoneNumberMatcher(text, region):
        if phonenumbers.number_type(match.number) not in public:
            yield PiiFound(Pii.PHONE, match.start, match.end)


def _addresses(text: str) -> Iterator[PiiFound]:
    for pattern in (_POSTCODE, _SMALL_POSTCODE):
        for match in pattern.finditer(text):
            if _no_postcode(match["digits"], match["letters"].upper()):
                continue
            after = _HOUSE_AFTER.match(text, match.end())
            before = _HOUSE_BEFORE.search(text[max(0, match.start() - 90) : match.start()])
            if after is not None:
                yield PiiFound(Pii.ADDRESS, match.start(), after.end())
            elif before is not None:
                yield PiiFound(Pii.ADDRESS, match.start() - len(before[0]), match.end())


def _no_postcode(digits: str, letters: str) -> bool:
    return letters in {"SA", "SD", "SS"} or (letters in _SHOUTED_WORDS and digits[:2] in {"19", "20", "10", "50"})
