from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.conformance import ConnectorSuite, FakePlatform, Utterance
from connectors.contract import Connector
from connectors.items import Json
from connectors.linkedin import LinkedIn, LinkedInOptions
from connectors.requests import HttpRequest, HttpResponse, Request, Response

PAGE = "urn:li:organization:1234"


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@dataclass
class CompanyPosts(FakePlatform):
    """Comments under two posts of a page; every tenth answers the one before. The news of them prove; posts reread."""

    page_size = 20
    levels = 2
    says_removed = True
    proving: ClassVar[frozenset[str] | None] = frozenset({"activity"})

    removals: dict[int, datetime] = field(default_factory=dict)

    def connector(self) -> Connector[Any]:
        login = {"token": "t-secret", "refresh_token": "r-secret", "client_id": "app", "client_secret": "s-secret"}
        return LinkedIn(LinkedInOptions.model_validate({"organization": 1234, **login}))

    def activity(self, number: int) -> str:
        return f"urn:li:activity:700000000000000000{self.first(number) // 10 % 2}"

    def first(self, number: int) -> int:
        return self.first_of(self.utterances[number - 1]).number if 0 < number <= len(self.utterances) else number

    def post(self, number: int) -> str:
        return f"urn:li:share:7{self.first(number) // 10 % 2}"

    def urn(self, number: int) -> str:
        return f"urn:li:comment:({self.activity(number)},{number})"

    def answers(self, number: int) -> int | None:
        if self.first(number) != number:
            return self.first(number)
        return number - 1 if number % 10 == 5 else None

    def entry(self, utterance: Utterance) -> Json:
        number, who = utterance.number, f"urn:li:person:{utterance.author}"
        replies = sum(self.answers(each.number) == number for each in self.utterances)
        entry: dict[str, Json] = {
            "id": str(number),
            "commentUrn": self.urn(number),
            "actor": who,
            "object": self.activity(number),
            "message": {"text": utterance.text, "attributes": []},
            "created": {"actor": who, "time": ms(utterance.at)},
            "lastModified": {"actor": who, "time": ms(utterance.edited_at or utterance.at)},
            "commentsSummary": {"totalFirstLevelComments": replies, "aggregatedTotalComments": replies},
        }
        answered = self.answers(number)
        if answered is not None:
            entry["parentComment"] = self.urn(answered)
        return entry

    def answer(self, request: Request) -> HttpResponse:
        assert isinstance(request, HttpRequest)
        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query))
        path = [unquote(each) for each in parts.path.removeprefix("/rest/").split("/")]
        if parts.path == "/oauth/v2/accessToken":
            return self.json(request, {"access_token": "t-new", "expires_in": 5_184_000})
        assert request.headers["LinkedIn-Version"]
        if path[0] == "organizationalEntityNotifications":
            return self.listed(request, self.news(query["timeRange"]), query)
        if path[0] == "posts":
            own = [self.own(number) for number in (0, 10) if path[1:] in ([], [self.post(number)])]
            return self.listed(request, own, query) if len(path) == 1 else self.json(request, own[0])
        if len(path) == 4:
            found = [each for each in self.utterances if str(each.number) == path[3] and not each.removed]
            if not found:
                return self.json(request, {"status": 404, "code": "NOT_FOUND", "message": "gone"}, 404)
            return self.json(request, self.entries(found)[0])
        under = [each for each in self.newest() if not each.removed and self.beneath(each.number, path[1])]
        return self.listed(request, self.entries(under), query)

    def beneath(self, number: int, urn: str) -> bool:
        answers = self.answers(number)
        return self.urn(answers) == urn if answers is not None else self.post(number) == urn

    def own(self, number: int) -> Json:
        at = ms(self.now - timedelta(days=3))
        return {"id": self.post(number), "author": PAGE, "commentary": "Nieuws", "publishedAt": at, "createdAt": at}

    def news(self, span: str) -> list[Json]:
        low, high = (int(each.partition(":")[2]) for each in span.strip("()").split(","))
        told: list[tuple[datetime, str, int]] = []
        for each in self.utterances:
            if each.hidden:
                continue
            told.append((each.at, "COMMENT", each.number))
            if each.edited_at is not None:
                told.append((each.edited_at, "COMMENT_EDIT", each.number))
            if each.removed:
                at = self.removals.setdefault(each.number, self.now - timedelta(minutes=1))
                told.append((at, "COMMENT_DELETE", each.number))
        return [
            {
                "notificationId": place,
                "organizationalEntity": PAGE,
                "action": action,
                "sourcePost": self.post(number),
                "generatedActivity": self.urn(number),
                "lastModifiedAt": ms(at),
            }
            for place, (at, action, number) in enumerate(sorted(told, reverse=True))
            if low <= ms(at) < high
        ]

    def listed(self, request: Request, found: list[Json], query: dict[str, str]) -> HttpResponse:
        start = int(query["start"])
        shown = found[start : start + min(self.page_size, int(query["count"]))]
        paging: dict[str, Json] = {"start": start, "count": int(query["count"]), "links": []}
        return self.json(request, {"paging": paging, "elements": shown})

    def unauthorized(self, request: Request) -> Response:
        said: dict[str, Json] = {
            "status": 401,
            "serviceErrorCode": 65602,
            "code": "EXPIRED_ACCESS_TOKEN",
            "message": "expired",
        }
        return self.json(request, said, 401)

    def revoked(self, request: Request) -> Response:
        said: dict[str, Json] = {
            "status": 401,
            "serviceErrorCode": 65601,
            "code": "REVOKED_ACCESS_TOKEN",
            "message": "",
        }
        return self.json(request, said, 401)

    def out_of_scope(self, request: Request) -> Response:
        words = "Not enough permissions to access: organizationalEntityNotifications.FINDER-criteria.NO_VERSION"
        said: dict[str, Json] = {"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": words}
        return self.json(request, said, 403)


@dataclass
class Mentions(CompanyPosts):
    """Posts of others that name the page: they come with the news, and nobody tells of their edits and removals."""

    levels = None
    says_removed = False
    shows_edits = False

    def entry(self, utterance: Utterance) -> Json:
        urn = f"urn:li:share:8{utterance.number}"
        shown: dict[str, Json] = {
            "entity": urn,
            "owner": f"urn:li:person:{utterance.author}",
            "text": utterance.text.replace("(", "\\("),
        }
        return {
            "notificationId": utterance.number,
            "organizationalEntity": PAGE,
            "action": "SHARE_MENTION",
            "sourcePost": urn,
            "generatedActivity": urn,
            "decoratedSourcePost": shown,
            "lastModifiedAt": ms(utterance.at),
        }

    def news(self, span: str) -> list[Json]:
        low, high = (int(each.partition(":")[2]) for each in span.strip("()").split(","))
        return self.entries([each for each in self.newest() if low <= ms(each.at) < high])

    def beneath(self, number: int, urn: str) -> bool:  # noqa: ARG002 -- nobody commented
        return False


class TestCompanyPosts(ConnectorSuite):
    platform = CompanyPosts


class TestMentions(ConnectorSuite):
    platform = Mentions
