"""Every platform that can be answered, one row each: its server, its source, how a customer asks there, what stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Connector, Options
from klankbord.outside import connector_of
from pipeline.settings import SourceSettings
from tests.connectors import (
    bluesky_network,
    bluesky_posts,
    facebook_page,
    instagram_account,
    loopback,
    meta_server,
    reddit_site,
    threads_account,
    youtube_site,
)
from tests.connectors.x import saying, site
from tests.replying import platforms
from tests.social import api_server, linkedin_server, telegram_server, tiktok_server

Now = Callable[[], datetime]
RENEWED = {"client_id": "app", "client_secret": "geheim", "refresh_token": "refresh-1"}
META = {"token": "very-secret", "app_secret": meta_server.SECRET}
QUESTION = "De app doet het niet #acme"


@dataclass(frozen=True)
class Writable:
    """One way to answer on one platform.

    Attributes:
        connector: its name in the configuration.
        options: of the source, at this address.
        made: the platform's server with this clock.
        served: puts it on loopback.
        asks: a customer asks; the message's id as it is kept.
        ours: the texts that stand there in our name, as answers.
        visible: method and path of the call that others can see.
        found_again: whether the platform shows us our own answer. Where it does not, an unclear end stays one.
        private: whether only the customer can see question and answer.
        aloud: what stands there in our name that others can see too, beside what was there before.
        login: as `klankbord connect` would have kept it.
    """

    connector: str
    options: Callable[[str], dict[str, Any]]
    made: Callable[[Now], Any]
    served: Callable[[Any], AbstractContextManager[str]]
    asks: Callable[[Any], str]
    ours: Callable[[Any], list[str]]
    visible: str
    found_again: bool = True
    private: bool = False
    aloud: Callable[[Any], list[Any]] = lambda _: []
    login: Mapping[str, str] = field(default_factory=dict)

    def source(self, url: str) -> SourceSettings:
        """Its configuration."""
        more = {"backfill": timedelta(days=2)}
        return SourceSettings(
            id=self.connector, connector=self.connector, match="all", options=self.options(url), **more
        )

    def connected(self, source: SourceSettings) -> Connector[Options]:
        """Its connector, as a new process makes it."""
        made = connector_of(source)
        if self.login:
            made.login_taken(self.login)
        return made

    @property
    def writes(self) -> re.Pattern[str]:
        """Calls that others can see."""
        return re.compile(self.visible)


def _on_loopback(server: Any) -> AbstractContextManager[str]:
    return loopback.listening(server.handle)


def _instance(private: str) -> Callable[[Any], str]:
    def asks(server: platforms.Instance) -> str:
        return str(server.posts[server.ask(f"@acme {QUESTION}", visibility=private)]["uri"])

    return asks


def _ask_bluesky(server: bluesky_network.Network) -> str:
    return server.post(QUESTION)


def _youtube(now: Now) -> youtube_site.Site:
    made = youtube_site.Site(now, page_size=100)
    made.videos[youtube_site.VIDEO] = youtube_site.Video(
        youtube_site.VIDEO, "Acme legt uit", now() - timedelta(hours=3), youtube_site.CHANNEL
    )
    return made


def _ask_reddit(server: reddit_site.Site) -> str:
    post = server.post("wij vertellen iets", author="iemand", title="Acme")
    return server.comment(QUESTION, server.comment("ja?", post, author=reddit_site.OURS), to_us=True).name


def _by_us(server: reddit_site.Site) -> list[reddit_site.Thing]:
    return [each for each in server.things if each.author == reddit_site.OURS]


def _ask_facebook(page: facebook_page.FacebookPage) -> str:
    return page.comment(page.post("Nieuw tarief"), QUESTION).rpartition("_")[2]


def _messages_of(account: Any, us: str) -> list[str]:
    said = [each for thread in account.conversations.values() for each in thread]
    return [each["message"] for each in said if each["from"]["id"] == us]


def _ask_threads(account: threads_account.ThreadsAccount) -> str:
    return account.say(QUESTION, to=account.say("Nieuw tarief", threads_account.US))


def _ask_telegram(server: telegram_server.TelegramServer) -> str:
    said = server.says(telegram_server.PRIVATE, QUESTION)
    return f"{said['chat']['id']}:{said['message_id']}"


def _mastodon(url: str) -> dict[str, Any]:
    return {"instances": [{"url": url, "token": "sleutel", "hashtags": ["acme"], "notifications": True}]}


def _x(url: str) -> dict[str, Any]:
    ours = {"account": saying.OUR_NAME, "account_id": saying.US, "mentions": True, "conversations": True}
    return {**ours, "terms": ["acme"], "messages": True, "api": url, "usd_per_day": 500, "usd_per_month": 5000}


def _instagram(url: str) -> dict[str, Any]:
    ours = {"account": instagram_account.ACCOUNT, "login": "instagram", "messages": True}
    return {**ours, **META, "url": url}


def _reddit(url: str) -> dict[str, Any]:
    ours = {
        "approved": True,
        "username": reddit_site.OURS,
        "account_id": "t2_acme",
        "own_subreddits": [reddit_site.SUB],
    }
    return {**ours, **RENEWED, "inbox": True, "api_url": url, "www_url": url}


def _linkedin(url: str) -> dict[str, Any]:
    login = {"token": "t-1", "refresh_token": "r-1", "client_id": "app", "client_secret": "geheim-5"}
    return {"organization": "1234", "api_url": url, "sign_in_url": url, "calls_per_day": 5000, **login}


def _tiktok(url: str) -> dict[str, Any]:
    login = {"token": "t-1", "refresh_token": "r-1", "client_id": "app", "client_secret": "geheim-5"}
    return {"business_id": tiktok_server.BUSINESS, "username": "acme", "api_url": url, **login}


_X_LOGIN = {"access_token": "user-1", "refresh_token": "renew-1", "client_id": "app"}

WRITABLE: dict[str, Writable] = {
    "mastodon": Writable(
        "mastodon", _mastodon, platforms.Instance, platforms.served, _instance("public"),
        lambda server: [each["content"] for each in server.ours()], r"POST /api/v1/statuses$",
    ),
    "mastodon direct": Writable(
        "mastodon", _mastodon, platforms.Instance, platforms.served, _instance("direct"),
        lambda server: [each["content"] for each in server.ours()], r"POST /api/v1/statuses$", private=True,
        aloud=lambda server: [each for each in server.ours() if each["visibility"] != "direct"],
    ),
    "discourse": Writable(
        "discourse", lambda url: {"url": url, "api_key": "sleutel", "api_username": "webcare"},
        platforms.Forum, platforms.served, lambda server: str(server.ask(QUESTION)),
        lambda server: [each["raw"] for each in server.ours()], r"POST /posts\.json$",
    ),
    "x": Writable(
        "x", _x, site.XSite, _on_loopback, lambda server: str(server.ask(QUESTION)),
        lambda server: [each.text for each in server.ours()], r"POST /2/tweets$", login=_X_LOGIN,
    ),
    "x message": Writable(
        "x", _x, site.XSite, _on_loopback, lambda server: str(server.message(QUESTION)),
        lambda server: [each["text"] for each in server.messages if each["sender_id"] == saying.US],
        r"POST /2/dm_conversations/", private=True,
        aloud=lambda server: server.ours(), login=_X_LOGIN,
    ),
    "bluesky": Writable(
        "bluesky",
        lambda url: {"handle": "acme.example", "app_password": "geheim", "service": url, "appview": url},
        bluesky_network.Network, platforms.served, _ask_bluesky,
        lambda server: [each["record"]["text"] for each in server.ours()], r"POST /xrpc/com\.atproto\.repo\.putRecord$",
    ),
    "bluesky message": Writable(
        "bluesky",
        lambda url: {
            "handle": "acme.example", "app_password": "geheim", "service": url, "appview": url, "messages": True,
        },
        bluesky_network.Network, platforms.served,
        lambda server: f"{bluesky_network.CONVO}/{server.message(QUESTION)}",
        lambda server: [each["text"] for each in server.messages if each["sender"]["did"] == bluesky_posts.US],
        r"POST /xrpc/chat\.bsky\.convo\.sendMessage$", private=True,
        aloud=lambda server: server.ours(),
    ),
    "youtube": Writable(
        "youtube",
        lambda url: {
            "api_url": f"{url}/youtube/v3", "token_url": f"{url}/token", "channel_id": youtube_site.CHANNEL, **RENEWED,
        },
        _youtube, _on_loopback, lambda server: str(server.comment(QUESTION).id),
        lambda server: [each.text for each in server.comments if each.author == youtube_site.CHANNEL],
        r"POST /youtube/v3/comments$",
    ),
    "reddit": Writable(
        "reddit", _reddit, reddit_site.Site, _on_loopback, _ask_reddit,
        lambda server: [each.text for each in _by_us(server)][1:],
        r"POST /api/comment$",
    ),
    "reddit message": Writable(
        "reddit", _reddit, reddit_site.Site, _on_loopback, lambda server: str(server.write_to_us(QUESTION).name),
        lambda server: [each.text for each in _by_us(server)],
        r"POST /api/comment$", private=True,
        aloud=lambda server: [each for each in _by_us(server) if each.name[:2] != "t4"],
    ),
    "facebook": Writable(
        "facebook", lambda url: {"page": facebook_page.PAGE, **META, "url": url, "messages": True},
        facebook_page.FacebookPage, meta_server.served, _ask_facebook,
        lambda server: [each["message"] for each in server.ours()], r"POST /v[\d.]+/[\d_]+/comments$",
    ),
    "messenger": Writable(
        "facebook", lambda url: {"page": facebook_page.PAGE, **META, "url": url, "messages": True},
        facebook_page.FacebookPage, meta_server.served, lambda server: str(server.message("t_1", QUESTION)),
        lambda server: _messages_of(server, facebook_page.PAGE), r"POST /v[\d.]+/\d+/messages$", private=True,
        aloud=lambda server: server.ours(),
    ),
    "instagram": Writable(
        "instagram", _instagram, instagram_account.InstagramAccount, meta_server.served,
        lambda server: str(server.comment(server.medium("Nieuwe laadpaal"), QUESTION)),
        lambda server: [each["text"] for each in server.ours()], r"POST /v[\d.]+/\d+/replies$",
    ),
    "instagram message": Writable(
        "instagram", _instagram, instagram_account.InstagramAccount, meta_server.served,
        lambda server: str(server.message("t_1", QUESTION)),
        lambda server: _messages_of(server, instagram_account.ACCOUNT), r"POST /v[\d.]+/\d+/messages$", private=True,
        aloud=lambda server: server.ours(),
    ),
    "threads": Writable(
        "threads", lambda url: {"username": "acme", "token": "very-secret", "url": url},
        threads_account.ThreadsAccount, meta_server.served, _ask_threads,
        lambda server: [each["text"] for each in server.ours()], r"POST /v[\d.]+/me/threads_publish$",
    ),
    "threads step by step": Writable(
        "threads", lambda url: {"username": "acme", "token": "very-secret", "url": url},
        threads_account.ThreadsAccount, meta_server.served, _ask_threads,
        lambda server: [each["text"] for each in server.ours()], r"POST /v[\d.]+/me/threads(_publish)?$",
    ),
    "linkedin": Writable(
        "linkedin", _linkedin, linkedin_server.LinkedInServer, api_server.served,
        lambda server: str(server.urn(server.says(QUESTION))),
        lambda server: [each["message"]["text"] for each in server.ours()], r"POST /rest/socialActions/.*/comments$",
    ),
    "tiktok": Writable(
        "tiktok", _tiktok, tiktok_server.TikTokServer, api_server.served, lambda server: str(server.says(QUESTION)),
        lambda server: [each["text"] for each in server.ours()], r"POST .*/business/comment/reply/create/?$",
    ),
    "telegram": Writable(
        "telegram", lambda url: {"token": telegram_server.TOKEN, "wait": 0, "api_url": url},
        telegram_server.TelegramServer, api_server.served, _ask_telegram,
        lambda server: [each["text"] for each in server.sent], r"POST /bot.*/sendMessage$",
        found_again=False, private=True,
        aloud=lambda server: [each for each in server.sent if each["chat"]["type"] != "private"],
    ),
}  # fmt: skip
"""Every connector that writes, by how it is answered."""
