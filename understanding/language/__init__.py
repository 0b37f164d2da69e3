"""Which language a text is in: two detectors behind one interface.

`py3langid` is the default; `langdetect` the alternative. Measured side by side in `docs/understanding.md`. Both load
models, so each is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from understanding.language.answer import SURE, UNDETERMINED, Detector, Language

__all__ = [
    "SURE",
    "UNDETERMINED",
    "Detector",
    "DetectorName",
    "Language",
    "UnknownLanguageError",
    "check_languages",
    "detector_of",
]

DetectorName = Literal["py3langid", "langdetect"]

LANGID_LANGUAGES = frozenset(
    """
    af am an ar as az ba be bg bn br bs ca cs cy da de dz el en eo es et eu fa fi fo fr fy ga gd gl gu ha he
    hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk ml mn mr ms mt my ne nl
    nn no oc om or pa pl ps pt qu ro ru rw sa se si sk sl sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk
    ur uz vi vo wa xh yo zh zu
    """.split()  # noqa: SIM905 -- so many quoted strings are no easier to read
)
"""What py3langid 0.4 knows of ISO 639-1; stands here so that a configuration is checked without its model."""


class UnknownLanguageError(ValueError):
    """A configured language that the detector does not know; the message lists those it knows."""


def check_languages(name: DetectorName, languages: Sequence[str]) -> None:
    """See that a detector can tell these languages (ISO 639-1), without loading it.

    Raises:
        UnknownLanguageError: it cannot, or there are none.
    """
    known = LANGID_LANGUAGES if name == "py3langid" else _langdetect_profiles()
    unknown = [code for code in languages if code not in known]
    if unknown or not languages:
        msg = f"{name} does not know {', '.join(unknown) or '(none given)'}; choose from {', '.join(sorted(known))}"
        raise UnknownLanguageError(msg)


def detector_of(name: DetectorName, languages: Sequence[str]) -> Detector:
    """The detector of that name among these languages.

    Raises:
        UnknownLanguageError: a code that it does not know.
    """
    check_languages(name, languages)
    if name == "py3langid":
        from understanding.language.by_langid import LangidDetector

        return LangidDetector(languages)
    from understanding.language.by_langdetect import LangdetectDetector

    return LangdetectDetector(languages)


def _langdetect_profiles() -> frozenset[str]:
    import langdetect

    folder = Path(langdetect.__file__).parent / "profiles"
    return frozenset(path.name for path in folder.iterdir() if not path.name.startswith("_"))
