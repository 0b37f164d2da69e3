"""The calls of the API that are used, with what each costs."""

from __future__ import annotations

from datetime import datetime

from connectors.items import Json
from connectors.requests import HttpRequest
from connectors.youtube.login import Login
from connectors.youtube.options import YouTubeOptions

UNITS, SEARCHES = "units", "searches"
"""Names of the two meters: the quota of all calls but search, and the searches, which have a bucket of their own."""
READ, WRITE = 1, 50
"""Units of a list, and of everything that writes (quota table of the API, since 2026-06-01)."""
COMMENTS_PER_CALL = 100
IDS_PER_CALL = 50
SEARCH_PER_CALL = 50

Params = tuple[tuple[str, str], ...]


class Api:
    """Builds requests for one source. Does not read answers."""

    def __init__(self, options: YouTubeOptions) -> None:
        self.options = options
        self.login = Login(options)
        own = (options.channel_id, *options.own_channels)
        self.own = frozenset(channel for channel in own if channel)

    def threads(self, wanted: Params, *, token: str | None = None, step: str = "") -> HttpRequest:
        """Threads of a channel or a video, newest first, each with up to five of its replies."""
        params = (("part", "snippet,replies"), ("order", "time"), ("maxResults", str(COMMENTS_PER_CALL)))
        return self._get("commentThreads", (*params, *wanted, *_plain(), *_page(token)), step)

    def thread(self, key: str, *, step: str = "") -> HttpRequest:
        """One thread by the id of its first comment."""
        return self._get("commentThreads", (("part", "snippet,replies"), ("id", key), *_plain()), step)

    def replies(self, thread: str, *, token: str | None = None, step: str = "") -> HttpRequest:
        """All replies of a thread."""
        wanted = (("part", "snippet"), ("parentId", thread), ("maxResults", str(COMMENTS_PER_CALL)))
        return self._get("comments", (*wanted, *_plain(), *_page(token)), step)

    def comments(self, keys: tuple[str, ...], *, step: str = "") -> HttpRequest:
        """Comments by their ids, at most `IDS_PER_CALL`."""
        return self._get("comments", (("part", "snippet"), ("id", ",".join(keys)), *_plain()), step)

    def videos(self, keys: tuple[str, ...], *, step: str = "") -> HttpRequest:
        """Videos by their ids, at most `IDS_PER_CALL`."""
        return self._get("videos", (("part", "snippet,statistics"), ("id", ",".join(keys))), step)

    def search(self, term: str, *, after: datetime, before: datetime, step: str = "") -> HttpRequest:
        """Videos that were published in [after, before), newest first."""
        params: list[tuple[str, str]] = [
            ("part", "snippet"),
            ("type", "video"),
            ("order", "date"),
            ("maxResults", str(SEARCH_PER_CALL)),
            ("q", term),
            ("publishedAfter", stamp(after)),
            ("publishedBefore", stamp(before)),
        ]
        if self.options.language is not None:
            params.append(("relevanceLanguage", self.options.language))
        if self.options.region is not None:
            params.append(("regionCode", self.options.region))
        url = f"{self.options.api_url}/search"
        return HttpRequest(url, params=tuple(params), headers=self.login.headers(), price={SEARCHES: 1}, step=step)

    def write(
        self, path: str, params: Params, *, method: str = "POST", json: Json = None, again: bool = False, step: str
    ) -> HttpRequest:
        """A call that changes something; `again`: doing it twice is as good as once."""
        return HttpRequest(
            f"{self.options.api_url}/{path}",
            method,
            params=params,
            headers=self.login.headers(),
            json=json,
            safe_to_repeat=again,
            price={UNITS: WRITE},
            step=step,
        )

    def _get(self, path: str, params: Params, step: str) -> HttpRequest:
        url = f"{self.options.api_url}/{path}"
        return HttpRequest(url, params=params, headers=self.login.headers(), price={UNITS: READ}, step=step)


def stamp(at: datetime) -> str:
    """An instant as the API reads it: RFC 3339, whole seconds, UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain() -> Params:
    return (("textFormat", "plainText"),)


def _page(token: str | None) -> Params:
    return () if token is None else (("pageToken", token),)
