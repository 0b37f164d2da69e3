"""Variables of templates and the initials under an answer. Pure.

What is not known is left standing as `{first_name}`, so that a person sees the gap and the guard can refuse to send
it; nothing is ever filled with a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from inbox.sentences import Sentence, UnfitValueError
from inbox.writing.views import Filled

VARIABLES: tuple[str, ...] = (
    "first_name",
    "name",
    "agent_name",
    "initials",
    "brand",
    "ticket",
    "source",
    "link",
)
"""What may stand in a template between braces."""

LONGEST_INITIALS = 5
_VARIABLE = re.compile(r"\{([a-z][a-z_]{0,30})\}")
_NO_FIRST_NAME = frozenset(
    {
        "de",
        "van",
        "den",
        "der",
        "ter",
        "ten",
        "te",
        "van't",
        "dhr",
        "mevr",
        "mr",
        "mrs",
        "ms",
        "dr",
        "drs",
        "ing",
        "ir",
        "the",
    }
)
_INITIALS = re.compile(r"[^\W\d_]{1,5}")


def fill(text: str, values: Mapping[str, str | None], *, template_id: int | None = None) -> Filled:
    """Fill in the variables of a template.

    Args:
        text: the template.
        values: by name; missing, None or blank leaves the gap.
        template_id: goes along, for counting use.
    """
    gaps: list[str] = []
    unknown: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        value = (values.get(name) or "").strip()
        if name in VARIABLES and value:
            return value
        left = gaps if name in VARIABLES else unknown
        if name not in left:
            left.append(name)
        return match[0]

    return Filled(template_id, _VARIABLE.sub(value_of, text), tuple(gaps), tuple(unknown))


def variables_in(text: str) -> tuple[tuple[str, int, int], ...]:
    """Every variable that stands in a text, known or not: name, start, end (code points)."""
    return tuple((match[1], match.start(), match.end()) for match in _VARIABLE.finditer(text))


def unknown_in(text: str) -> tuple[str, ...]:
    """Variables of a template that do not exist, each once."""
    return tuple(dict.fromkeys(name for name, _start, _end in variables_in(text) if name not in VARIABLES))


def first_name(name: str) -> str | None:
    """How somebody may be addressed, out of a display name; None when that would be a guess.

    "Eva de Boer" is Eva; "J. Bakker", "klant_083", "de Boer" and a name in figures or symbols are nobody's first name.
    """
    parts = name.replace("\u00a0", " ").split()
    if not parts:
        return None
    first = parts[0].strip(",;:!?\"'()[]")
    letters = [char for char in first if char.isalpha()]
    plain = all(char.isalpha() or char in "-'\u2019" for char in first)
    if not plain or len(letters) < 2 or first.lower() in _NO_FIRST_NAME or not _is_capitalised(first):
        return None
    return first


def _is_capitalised(word: str) -> bool:
    # Scripts without capitals (Arabic, Chinese) have nothing to tell by.
    cased = [char for char in word if char.lower() != char.upper()]
    return not cased or (cased[0].isupper() and (len(cased) < 2 or not all(char.isupper() for char in cased)))


def clean_initials(text: str) -> str | None:
    """Initials as they are kept, without a leading `^`, in capitals; None for none.

    Raises:
        ValueError: not 1 to 5 letters.
    """
    bare = text.strip().removeprefix("^").strip().upper()
    if not bare:
        return None
    if not _INITIALS.fullmatch(bare):
        raise UnfitValueError(Sentence("Initials are 1 to {most} letters, such as SW.", most=LONGEST_INITIALS))
    return bare


def signed(text: str, initials: str | None) -> str:
    """The text with `^SW` at its end, once: nothing is added where it stands there already."""
    bare = text.rstrip()
    if not initials or not bare:
        return text
    sign = f"^{initials}"
    if re.search(rf"(?:^|\s){re.escape(sign)}\W*$", bare, re.IGNORECASE):
        return bare
    return f"{bare} {sign}"
