"""The calls of the API that are used."""

from __future__ import annotations

from connectors.reddit.login import Login
from connectors.reddit.options import RedditOptions
from connectors.requests import HttpRequest

PER_PAGE = 100
"""Things in one listing, and fullnames in one question."""
CALLS = "calls"
"""Name of the meter."""
RAW = ("raw_json", "1")
"""Without it <, > and & come escaped."""

Params = tuple[tuple[str, str], ...]


class Api:
    """Builds requests for one source. Does not read answers."""

    def __init__(self, options: RedditOptions) -> None:
        self.options = options
        self.login = Login(options)
        self.price = {} if options.calls_per_day is None else {CALLS: 1}
        names = (options.username, options.feed_user, *options.own_accounts)
        self.own = frozenset(name.removeprefix("u/").casefold() for name in names if name)
        self.ours = frozenset(name.casefold() for name in options.own_subreddits)

    def get(self, path: str, params: Params = (), *, step: str = "") -> HttpRequest:
        """Read something."""
        url = f"{self.options.api_url}{path}"
        return HttpRequest(url, params=(*params, RAW), headers=self.login.headers(), price=self.price, step=step)

    def post(self, path: str, form: Params, *, again: bool = False, step: str = "") -> HttpRequest:
        """Do something; `again`: doing it twice is as good as once."""
        return HttpRequest(
            f"{self.options.api_url}{path}",
            "POST",
            params=(RAW,),
            headers=self.login.headers(),
            form=(("api_type", "json"), *form),
            safe_to_repeat=again,
            price=self.price,
            step=step,
        )

    def feed(self, path: str, params: Params, *, step: str = "") -> HttpRequest:
        """Read one of an account's private feeds. Its token is a parameter: the only place where Reddit takes it."""
        login = (("feed", self.login.part("feed_token") or ""), ("user", self.options.feed_user or ""))
        headers = {"Accept": "application/atom+xml, application/xml;q=0.9", "User-Agent": self.login.agent}
        url = f"{self.options.www_url}{path}"
        return HttpRequest(url, params=(*params, *login), headers=headers, price=self.price, step=step)
