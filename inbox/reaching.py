"""When the store does not answer in time: a refusal in words instead of a failed page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from inbox.errors import StoreBusy
from store.errors import StoreUnavailableError


@contextmanager
def in_words() -> Iterator[None]:
    """Say that nothing was changed when the store is locked or cannot be reached.

    Raises:
        StoreBusy: the work inside was rolled back as a whole.
    """
    try:
        yield
    except (OperationalError, StoreUnavailableError) as error:
        raise StoreBusy from error
