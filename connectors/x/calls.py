"""The calls we make, described by tweepy and sent by nobody here.

tweepy knows X's endpoints, the names of their parameters and the shape of their bodies. Its own way of sending is left
out: it has no time-out, sleeps and recurses on 429, and knows one host only; its stream ends at a rule without a tag.
So its clients are asked as usual, and the methods in which they would open a connection hand back what they would send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import requests
import tweepy

from connectors.items import Json
from connectors.requests import HttpRequest, Reconnect, StreamProtocol, StreamRequest
from connectors.x.options import XOptions

TWEET_FIELDS = (
    "attachments", "author_id", "conversation_id", "created_at", "display_text_range", "edit_history_tweet_ids",
    "entities", "in_reply_to_user_id", "lang", "note_tweet", "public_metrics", "referenced_tweets", "reply_settings",
)  # fmt: skip
POST_FIELDS = (
    "attachments", "conversation_id", "created_at", "display_text_range", "entities", "lang", "note_post",
    "public_metrics", "reply_settings",
)  # fmt: skip
_RENAMED_EXPANSIONS = ("edit_history_post_ids", "in_reply_to_user_id", "referenced_posts")
"""Fields of `tweet.fields` that are expansions under the new names (OpenAPI 2.167)."""
_USER_FIELDS = ["name", "username", "public_metrics", "protected", "verified_type"]
_MEDIA_FIELDS = ["alt_text", "height", "media_key", "preview_image_url", "type", "url", "width"]
_EVENT_FIELDS = ["attachments", "created_at", "dm_conversation_id", "event_type", "id", "text"]
_RENAMED_EVENT_FIELDS = ["participant_ids", "sender_id"]

Sent = tuple[str, str, Mapping[str, Any], Json]


class _Sending:
    """Describes a request instead of sending it."""

    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Json = None,
        user_auth: bool = False,  # noqa: ARG002 -- tweepy's signature
    ) -> Sent:
        return method, route, params or {}, json


class _Described(_Sending, tweepy.Client):  # type: ignore[misc]
    """A tweepy client that describes a request."""

    def __init__(self) -> None:
        super().__init__(return_type=requests.Response)  # tweepy hands such an answer on as it is


class _DescribedStream(_Sending, tweepy.StreamingClient):  # type: ignore[misc]
    """A tweepy streaming client that describes its rules' calls and its connection."""

    def __init__(self) -> None:
        super().__init__("", return_type=requests.Response)
        self.described: Sent | None = None

    def _connect(self, method: str, endpoint: str, params: Mapping[str, Any] | None = None) -> None:
        self.described = (method, f"/2/tweets/{endpoint}/stream", params or {}, None)


class Calls:
    """Builds X's calls as `HttpRequest`s. Knows no budget and reads no answer."""

    def __init__(self, options: XOptions) -> None:
        self._api = options.api
        self._new_names = options.fields == "post"
        self._client = _Described()
        self._stream = _DescribedStream()

    def search(  # noqa: D102 -- the endpoint's name says it
        self, query: str, *, size: int, start: datetime, end: datetime | None, after: str | None, **more: Any
    ) -> HttpRequest:
        return self._posts(
            self._client.search_recent_tweets,
            query,
            max_results=size,
            start_time=start,
            end_time=_up(end),
            next_token=after,
            sort_order="recency",
            **more,
        )

    def conversation(self, query: str, *, size: int, **more: Any) -> HttpRequest:
        """The newest posts of a conversation."""
        return self._posts(self._client.search_recent_tweets, query, max_results=size, sort_order="recency", **more)

    def mentions(  # noqa: D102
        self, account_id: str, *, size: int, start: datetime, end: datetime | None, after: str | None, **more: Any
    ) -> HttpRequest:
        return self._posts(
            self._client.get_users_mentions,
            account_id,
            max_results=size,
            start_time=start,
            end_time=_up(end),
            pagination_token=after,
            **more,
        )

    def own_posts(  # noqa: D102
        self, account_id: str, *, size: int, start: datetime | None = None, after: str | None = None, **more: Any
    ) -> HttpRequest:
        return self._posts(
            self._client.get_users_tweets,
            account_id,
            authors=False,
            max_results=size,
            start_time=start,
            pagination_token=after,
            **more,
        )

    def posts(self, ids: list[str], **more: Any) -> HttpRequest:
        """Posts by number, with their authors."""
        return self._posts(self._client.get_tweets, ids, **more)

    def standing(self, ids: list[str], **more: Any) -> HttpRequest:
        """Posts by number, only to see whether they still stand: the cheapest question."""
        return self._made(self._client.get_tweets(ids), **more)

    def messages(
        self, *, size: int, after: str | None = None, conversation: str | None = None, **more: Any
    ) -> HttpRequest:
        """Direct messages of our account, newest first; or those of one conversation."""
        fields = _EVENT_FIELDS if self._new_names else [*_EVENT_FIELDS, *_RENAMED_EVENT_FIELDS]
        sent = self._client.get_direct_message_events(
            dm_conversation_id=conversation,
            event_types="MessageCreate",
            max_results=size,
            pagination_token=after,
            dm_event_fields=fields,
            expansions=["sender_id", "attachments.media_keys"],
            user_fields=_USER_FIELDS,
            media_fields=_MEDIA_FIELDS,
        )
        return self._made(sent, **more)

    def reply(self, to: str, text: str, **more: Any) -> HttpRequest:  # noqa: D102
        return self._made(self._client.create_tweet(text=text, in_reply_to_tweet_id=to), **more)

    def message(self, conversation: str, text: str, **more: Any) -> HttpRequest:  # noqa: D102
        return self._made(self._client.create_direct_message(dm_conversation_id=conversation, text=text), **more)

    def hide(self, post: str, **more: Any) -> HttpRequest:  # noqa: D102
        return self._made(self._client.hide_reply(post), **more)

    def delete(self, post: str, **more: Any) -> HttpRequest:  # noqa: D102
        return self._made(self._client.delete_tweet(post), **more)

    def me(self, **more: Any) -> HttpRequest:  # noqa: D102
        return self._made(self._client.get_me(user_fields=_USER_FIELDS), **more)

    def rules(self, *, token: str, step: str) -> HttpRequest:
        """The rules of the filtered stream."""
        return self._made(self._stream.get_rules(), token=token, price={}, step=step)

    def with_rules(self, values: Sequence[str], tag: str, *, token: str, step: str) -> HttpRequest:
        """Add rules to the filtered stream; adding one twice changes nothing."""
        added = [tweepy.StreamRule(value, tag) for value in values]
        return replace(self._made(self._stream.add_rules(added), token=token, price={}, step=step), safe_to_repeat=True)

    def without_rules(self, ids: Sequence[str], *, token: str, step: str) -> HttpRequest:
        """Take rules away from the filtered stream."""
        sent = self._stream.delete_rules(list(ids))
        return replace(self._made(sent, token=token, price={}, step=step), safe_to_repeat=True)

    def stream(
        self,
        *,
        token: str,
        backfill: int | None,
        lasts: float,
        reconnect: Reconnect,
        batch: int,
        idle: float,
        price: Mapping[str, float],
        step: str,
    ) -> StreamRequest:
        """The filtered stream, which goes by the old names in both vocabularies (OpenAPI 2.167)."""
        more = {} if backfill is None else {"backfill_minutes": backfill}
        self._stream.filter(
            tweet_fields=list(TWEET_FIELDS),
            expansions=["author_id", "attachments.media_keys"],
            user_fields=_USER_FIELDS,
            media_fields=_MEDIA_FIELDS,
            **more,
        )
        _, route, params, _ = self._stream.described or ("", "", {}, None)
        return StreamRequest(
            self._api + route,
            StreamProtocol.LINES,
            params=tuple((name, str(value)) for name, value in params.items()),
            headers={"Authorization": f"Bearer {token}"},
            batch_events=batch,
            batch_seconds=0.2,
            idle_seconds=idle,
            lasts_seconds=lasts,
            reconnect=reconnect,
            price=price,
            step=step,
        )

    def _posts(
        self,
        endpoint: Callable[..., Sent],
        about: object,
        *,
        token: str,
        price: Mapping[str, float],
        step: str,
        authors: bool = True,
        **params: Any,
    ) -> HttpRequest:
        expansions = ["author_id"] * authors + ["attachments.media_keys"]
        asked = {name: value for name, value in params.items() if value is not None}
        sent = endpoint(
            about,
            tweet_fields=list(TWEET_FIELDS),
            expansions=expansions,
            user_fields=_USER_FIELDS,
            media_fields=_MEDIA_FIELDS,
            **asked,
        )
        return self._made(sent, token=token, price=price, step=step)

    def _made(self, sent: Sent, *, token: str, price: Mapping[str, float], step: str) -> HttpRequest:
        method, route, params, json = sent
        asked = self._renamed(params) if self._new_names else params
        return HttpRequest(
            self._api + route,
            method=method,
            params=tuple((name, str(value)) for name, value in asked.items()),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            json=json,
            safe_to_repeat=method in {"GET", "PUT", "DELETE"},
            price=price,
            step=step,
        )

    @staticmethod
    def _renamed(params: Mapping[str, Any]) -> dict[str, Any]:
        """The same question under the names of 2026."""
        asked = {name: value for name, value in params.items() if name != "tweet.fields"}
        if "tweet.fields" in params:
            asked["post.fields"] = ",".join(POST_FIELDS)
            asked["expansions"] = ",".join((str(asked["expansions"]), *_RENAMED_EXPANSIONS))
        return asked


def _up(end: datetime | None) -> datetime | None:
    """X counts whole seconds and leaves its end out: round up, so that nothing before the end is left out."""
    if end is None or end.microsecond == 0:
        return end
    return end.replace(microsecond=0) + timedelta(seconds=1)
