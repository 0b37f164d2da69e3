"""The example's forum, as a Discourse server would answer: posts, topics and who solved them.

Pure: it renders what a `World` holds at an instant. Shapes follow Discourse's published API description.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from klankbord.example.answers import Answers
from klankbord.example.world import Channel, Utterance, World

PAGE = 50
_ACTIVE_PER_PAGE = 30
_PLAIN: Final[dict[str, Any]] = {
    **dict.fromkeys(("quote_count", "incoming_link_count", "reads", "readers_count", "score", "reply_count"), 0),
    **dict.fromkeys(("reviewable_score_count", "reviewable_score_pending_count"), 0),
    **dict.fromkeys(("yours", "bookmarked", "wiki", "hidden", "user_deleted", "truncated"), False),
    **dict.fromkeys(("can_edit", "can_delete", "can_recover", "can_see_hidden_post", "can_wiki"), False),
    **dict.fromkeys(("flair_name", "flair_url", "flair_bg_color", "flair_color", "flair_group_id"), None),
    **dict.fromkeys(("primary_group_name", "user_title", "edit_reason", "reviewable_id", "deleted_at"), None),
    "badges_granted": [],
    "actions_summary": [],
    "can_view_edit_history": True,
}
"""What a real forum tells of every post and this one has nothing to say about: a reader must cope with all of it."""


@dataclass(frozen=True, slots=True)
class _Post:
    key: int
    number: int
    topic: int
    said: Utterance
    answers: int | None


class Forum:
    """Answers of the forum at any instant. Post ids grow with the time of posting, as they do on a real one.

    What the brand writes from the inbox takes the next id; what the world says later moves up.
    """

    def __init__(self, world: World, answers: Answers | None = None) -> None:
        self._answers = answers or Answers()
        last = world.utterances[-1].at if world.utterances else world.anchor
        self._spoken = world.until(last, Channel.FORUM)
        self._world = {said.number: said for said in world.utterances}
        self._posts: list[_Post] = []
        self._number()

    def _number(self) -> None:
        """Give every post its id and its place in its topic, in the order of time."""
        written = self._answers.all()
        self._world |= {said.number: said for said in written}
        spoken = sorted([*self._spoken, *written], key=lambda said: (said.at, said.number))
        keys = {said.number: key for key, said in enumerate(spoken, start=1)}
        numbers: dict[int, int] = {}
        places: dict[int, int] = {}
        self._posts = []
        for said in spoken:
            numbers[said.thread] = numbers.get(said.thread, 0) + 1
            places[said.number] = numbers[said.thread]
            answers = places.get(said.parent) if said.parent is not None else None
            post = _Post(keys[said.number], places[said.number], keys[said.thread], said, answers)
            self._posts.append(post)

    def answer(self, now: datetime, topic: int, raw: str, answers: int | None) -> dict[str, Any] | None:
        """`POST /posts.json`: the brand writes in a topic; None when there is no such topic (yet)."""
        posts = [post for post in self._until(now) if post.topic == topic]
        if not posts:
            return None
        parent = next((post for post in posts if post.number == answers), posts[0])
        said = self._answers.write(now, raw, thread=posts[0].said.thread, parent=parent.said.number)
        self._number()
        return next(self._json(post, now) for post in self._posts if post.said.number == said.number)

    def latest_posts(self, now: datetime, before: int | None) -> dict[str, Any]:
        """`/posts.json`: the newest fifty posts with `id <= before`."""
        seen = [post for post in self._until(now) if before is None or post.key <= before]
        return {"latest_posts": [self._json(post, now) for post in reversed(seen[-PAGE:])]}

    def latest_topics(self, now: datetime, page: int) -> dict[str, Any]:
        """`/latest.json?order=activity`: topics, most recently bumped first."""
        topics: dict[int, list[_Post]] = {}
        for post in self._until(now):
            topics.setdefault(post.topic, []).append(post)
        ordered = sorted(topics.values(), key=lambda posts: posts[-1].said.touched(now), reverse=True)
        shown = ordered[page * _ACTIVE_PER_PAGE : (page + 1) * _ACTIVE_PER_PAGE]
        listed: dict[str, Any] = {"per_page": _ACTIVE_PER_PAGE, "topics": [_topic(posts, now) for posts in shown]}
        if len(ordered) > (page + 1) * _ACTIVE_PER_PAGE:
            listed["more_topics_url"] = f"/latest?order=activity&page={page + 1}"
        return {"users": [], "topic_list": listed}

    def topic(self, now: datetime, topic: int) -> dict[str, Any] | None:
        """`/t/{id}.json`: a topic with its posts; None when there is none (yet)."""
        posts = [post for post in self._until(now) if post.topic == topic]
        if not posts:
            return None
        found = _topic(posts, now)
        solved = [post for post in posts if post.said.solves]
        if solved:
            found["accepted_answer"] = {"post_number": solved[-1].number, "username": solved[-1].said.author.handle}
        stream = {"posts": [self._json(post, now) for post in posts], "stream": [post.key for post in posts]}
        return {**found, "post_stream": stream}

    def posts(self, now: datetime, topic: int, keys: set[int]) -> dict[str, Any]:
        """`/t/{id}/posts.json?post_ids[]=…`."""
        posts = [post for post in self._until(now) if post.topic == topic and post.key in keys]
        return {"post_stream": {"posts": [self._json(post, now) for post in posts]}}

    def post(self, now: datetime, key: int) -> dict[str, Any] | None:
        """`/posts/{id}.json`; None when there is none (yet)."""
        return next((self._json(post, now) for post in self._until(now) if post.key == key), None)

    def _until(self, now: datetime) -> list[_Post]:
        return [post for post in self._posts if post.said.at <= now]

    def _json(self, post: _Post, now: datetime) -> dict[str, Any]:
        said = self._world[post.said.number].version(now)
        touched = post.said.touched(now)
        title = _title(self._posts[post.topic - 1].said)
        return {
            **_PLAIN,
            "id": post.key,
            "name": said.author.name,
            "display_username": said.author.name,
            "username": said.author.handle,
            "avatar_template": "/letter_avatar/{size}.png",
            "created_at": _iso(said.at),
            "cooked": f"<p>{escape(said.text).replace(chr(10), '<br>')}</p>",
            "raw": said.text,
            "excerpt": escape(said.text),
            "post_number": post.number,
            "post_type": 1,
            "updated_at": _iso(touched),
            "posts_count": post.number,
            "reply_to_post_number": post.answers,
            "topic_id": post.topic,
            "topic_slug": f"onderwerp-{post.topic}",
            "topic_title": title,
            "topic_html_title": escape(title),
            "category_id": 5,
            "version": 1 if touched == said.at else 2,
            "user_id": said.author.number + 1,
            "trust_level": 4 if said.author.is_brand else 1,
            "admin": False,
            "moderator": said.author.is_brand,
            "staff": said.author.is_brand,
            "post_url": f"/t/onderwerp-{post.topic}/{post.topic}/{post.number}",
        }


def _topic(posts: list[_Post], now: datetime) -> dict[str, Any]:
    first, last = posts[0], posts[-1]
    return {
        "id": first.topic,
        "title": _title(first.said),
        "slug": f"onderwerp-{first.topic}",
        "posts_count": len(posts),
        "highest_post_number": last.number,
        "created_at": _iso(first.said.at),
        "last_posted_at": _iso(last.said.at),
        "bumped_at": _iso(max(post.said.touched(now) for post in posts)),
        "archetype": "regular",
        "closed": False,
        "archived": False,
        "has_accepted_answer": any(post.said.solves for post in posts),
        "tags": [first.said.topic],
        "category_id": 5,
    }


def _title(said: Utterance) -> str:
    return said.title or said.text[:60]


def _iso(instant: datetime) -> str:
    whole = instant - timedelta(microseconds=instant.microsecond % 1000)
    return whole.strftime("%Y-%m-%dT%H:%M:%S.") + f"{whole.microsecond // 1000:03d}Z"
