"""What can go wrong between us and a platform, each with one agreed consequence.

    ConnectorError
    ├── RateLimited(until)       wait until then; other sources go on
    ├── BudgetExhausted(until)   stop spending on this source until then
    ├── Transient                exponential back-off with jitter, bounded; then the next schedule
    ├── AuthExpired              refresh once, then try again
    ├── AuthDead                 stop and ask a person to log in again
    ├── Forbidden                stop this query: the platform does not allow it (yet)
    ├── Gone                     disable the source once confirmed
    ├── BadRequest               stop this query and keep the answer: our question is refused
    └── FormatChanged            set the answer aside in quarantine and raise the alarm

A connector raises these from `parse`; it decides by the body's own code before the HTTP status, because
several platforms send errors in a 200 or with the wrong 4xx. The collector turns each into a plain sentence
in the source's health. The text of an error is read by people: say what happened and what to do, and never
put a secret in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime


class ConnectorError(Exception):
    """Base of all errors a connector may raise. Does not retry or wait by itself: the collector decides.

    Attributes:
        spent: what the answer with this error cost, by name of meter; None: what the request said it could cost. A
            connector sets it (`error.spent = {}`) where the platform surely charges nothing for such an answer.
    """

    spent: Mapping[str, float] | None = None


class RateLimited(ConnectorError):
    """The platform asks us to slow down.

    Args:
        message: what the platform said, for people.
        until: aware UTC instant after which we may ask again; None when the platform did not say.
        whole_host: True when the limit holds for every call to this host, not only for this query.
    """

    def __init__(self, message: str, *, until: datetime | None = None, whole_host: bool = True) -> None:
        super().__init__(message)
        self.until = until
        self.whole_host = whole_host


class BudgetExhausted(ConnectorError):
    """The paid or daily quota is used up.

    Args:
        message: what was used, for people.
        until: aware UTC instant from which there is more; None: unknown, try again tomorrow.
        whole_source: True when nothing else of this source can be asked either; False when other calls may still fit.
    """

    def __init__(self, message: str, *, until: datetime | None = None, whole_source: bool = True) -> None:
        super().__init__(message)
        self.until = until
        self.whole_source = whole_source


class Transient(ConnectorError):
    """Trouble that passes by itself: time-outs, resets, 5xx, a proxy's error page.

    Args:
        message: what happened, for people.
        retry_after_s: seconds the platform asked us to wait; None when it did not say.
        arrived: False when our request certainly never reached the platform, so that nothing can have happened there.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None, arrived: bool = True) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.arrived = arrived


class AuthExpired(ConnectorError):
    """The access token ran out and may be refreshed without a person."""


class AuthDead(ConnectorError):
    """The login was revoked or is wrong: a person has to log in again."""


class Forbidden(ConnectorError):
    """The platform refuses this query for this account, for example until an approval is given."""


class Gone(ConnectorError):
    """The thing asked for was removed for good (410)."""


class BadRequest(ConnectorError):
    """The platform refuses our question as malformed."""


class FormatChanged(ConnectorError):
    """The answer no longer looks as documented, or is not what was asked for (a login page, not a feed)."""
