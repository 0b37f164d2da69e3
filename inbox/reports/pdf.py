"""A report as PDF, where WeasyPrint (the extra `pdf`) and the Pango of the system are there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NoReturn

from PIL import ImageFile

from inbox.sentences import Sentence


@lru_cache(maxsize=1)
def why_not() -> Sentence | None:
    """Why no PDF can be made on this machine; None when it can."""
    try:
        _weasyprint()
    except ImportError:
        return Sentence("A PDF needs WeasyPrint: install Klankbord with the extra “pdf”.")
    except OSError:
        return Sentence("A PDF needs Pango, a package of the system (Debian: libpango-1.0-0 and libpangoft2-1.0-0).")
    return None


@lru_cache(maxsize=2)
def pdf_of(page: str) -> bytes:
    """The PDF of a page that loads nothing; `why_not` says whether it can be made.

    Takes seconds, so the last ones are remembered: a report goes to many people, one after the other.
    """
    written: bytes = _weasyprint().HTML(string=page, url_fetcher=_nothing_is_loaded).write_pdf()
    return written


def _weasyprint() -> Any:
    """The library; it loads Pango. It tells Pillow to take broken pictures, which those of customers must not be."""
    strict = ImageFile.LOAD_TRUNCATED_IMAGES
    import weasyprint

    ImageFile.LOAD_TRUNCATED_IMAGES = strict
    return weasyprint


def _nothing_is_loaded(url: str, *_: Any, **__: Any) -> NoReturn:
    msg = f"a report loads nothing, and asked for {url[:100]}"
    raise ValueError(msg)
