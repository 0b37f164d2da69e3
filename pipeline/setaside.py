"""Puts what could not be read into the shape of quarantine, and takes it out again.

One unreadable item is kept as compressed JSON. A whole answer is kept as a compressed envelope: the body with
what a later `parse` needs to know of it (status, content type, address without secrets, step, window).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import orjson
import zstandard

from connectors.contract import Interval, Purpose, Task, Window
from connectors.errors import FormatChanged
from connectors.items import Item, Json, Rejected
from connectors.requests import (
    FileContent,
    FileRequest,
    HttpRequest,
    HttpResponse,
    MailboxBatch,
    MailboxMessage,
    MailboxRequest,
    Request,
    Response,
    StreamBatch,
    StreamEvent,
    StreamRequest,
)
from pipeline.http.redact import redact_text
from pipeline.itemfields import UnreadableItemError
from store.raw import dump_json
from store.records import QuarantineRecord

LONGEST_ERROR = 2_000
LARGEST_PAYLOAD = 50_000_000
_KEPT_HEADERS = ("content-type", "content-language", "link", "date")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer out of quarantine: enough to parse it again."""

    kind: str
    window: Window
    received_at: datetime
    body: bytes
    status: int
    headers: dict[str, str]
    url: str
    step: str
    detail: dict[str, Json]


def rejected(item: Rejected) -> QuarantineRecord:
    """An item the connector could not read."""
    return _record(item.error, item.payload, item.external_id)


def unenriched(item: Item, error: Exception) -> QuarantineRecord:
    """An item that was read, but that enrichment failed on."""
    payload: object = asdict(item) if item.raw is None else item.raw
    foreseen = isinstance(error, UnreadableItemError)
    text = str(error) if foreseen else f"reading worked, understanding failed: {type(error).__name__}: {error}"
    return _record(text, payload, item.external_id)


def pushed(hook: str, body: bytes, received_at: datetime, why: str) -> QuarantineRecord:
    """A delivery of a webhook that could not be read; `told` is its body again, for people and for erasing."""
    try:
        told: object = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = body.decode("utf-8", "replace")
    kept = {"hook": hook, "received_at": received_at.isoformat(), "told": told, "body": base64.b64encode(body).decode()}
    return _record(why, kept, None)


def whole_answer(response: Response, task: Task, error: Exception, secrets: Sequence[str]) -> QuarantineRecord:
    """An answer that is not what was asked for. Its identity is its body, however often it comes again."""
    body, status, headers, url, detail = _parts(response)
    envelope = {
        "kind": type(response).__name__,
        "window": [task.window.interval.start, task.window.interval.end, task.window.purpose, task.window.cursor],
        "received_at": response.received_at,
        "status": status,
        "headers": {name: headers[name] for name in _KEPT_HEADERS if name in headers},
        "url": redact_text(url, secrets),
        "step": response.request.step,
        "detail": detail,
        "body": base64.b64encode(body).decode(),
    }
    return QuarantineRecord(
        error=redact_text(f"{type(error).__name__}: {error}", secrets)[:LONGEST_ERROR],
        payload=zstandard.compress(orjson.dumps(envelope)),
        payload_sha256=hashlib.sha256(body).digest(),
        whole_answer=True,
    )


def open_item(payload: bytes) -> Json:
    """The JSON of a quarantined item."""
    value: Json = orjson.loads(zstandard.ZstdDecompressor().decompress(payload, max_output_size=LARGEST_PAYLOAD))
    return value


def open_pushed(payload: bytes) -> tuple[str, bytes, datetime]:
    """A quarantined delivery: its webhook, its body, and when it came (aware UTC)."""
    kept: Any = open_item(payload)
    return kept["hook"], base64.b64decode(kept["body"]), datetime.fromisoformat(kept["received_at"])


def open_answer(payload: bytes) -> Answer:
    """The envelope of a quarantined answer."""
    raw = orjson.loads(zstandard.ZstdDecompressor().decompress(payload, max_output_size=LARGEST_PAYLOAD * 2))
    start, end, purpose, cursor = raw["window"]
    interval = Interval(datetime.fromisoformat(start), datetime.fromisoformat(end))
    return Answer(
        kind=raw["kind"],
        window=Window(interval, cursor=cursor, purpose=Purpose(purpose)),
        received_at=datetime.fromisoformat(raw["received_at"]),
        body=base64.b64decode(raw["body"]),
        status=raw["status"],
        headers=raw["headers"],
        url=raw["url"],
        step=raw["step"],
        detail=raw["detail"],
    )


def rebuild(answer: Answer, request: Request) -> Response:
    """The answer as `parse` once got it.

    Args:
        answer: out of quarantine.
        request: how the connector asks today; its address and step become those of the answer.

    Raises:
        FormatChanged: the connector asks in another way now, so the old answer fits nothing.
    """
    at = answer.received_at
    if answer.kind == "HttpResponse" and isinstance(request, HttpRequest):
        asked = replace(request, url=answer.url, params=(), step=answer.step)
        return HttpResponse(asked, answer.status, answer.headers, answer.body, answer.url, at)
    if answer.kind == "StreamBatch" and isinstance(request, StreamRequest):
        events = tuple(StreamEvent(data, name, event_id) for name, event_id, data in orjson.loads(answer.body))
        return StreamBatch(replace(request, step=answer.step), events, at, at, at)
    detail: Any = answer.detail
    if answer.kind == "MailboxBatch" and isinstance(request, MailboxRequest):
        messages = tuple(
            MailboxMessage(uid, base64.b64decode(body), cut) for uid, body, cut in orjson.loads(answer.body)
        )
        return MailboxBatch(request, detail["uidvalidity"], messages, at, more=detail["more"])
    if answer.kind == "FileContent" and isinstance(request, FileRequest):
        asked_file = replace(request, file=detail["name"], offset=detail["offset"], step=answer.step)
        modified = datetime.fromisoformat(detail["modified_at"])
        return FileContent(asked_file, detail["name"], answer.body, detail["fingerprint"], modified, at)
    msg = f"the connector no longer asks for a {answer.kind}; this answer cannot be read again"
    raise FormatChanged(msg)


def _record(error: str, payload: object, external_id: str | None) -> QuarantineRecord:
    return QuarantineRecord(
        error=error[:LONGEST_ERROR],
        payload=zstandard.compress(dump_json(payload)),
        payload_sha256=hashlib.sha256(dump_json(_said(payload))).digest(),
        external_id=external_id,
    )


def _said(payload: object) -> object:
    """A payload without when it was fetched, which connectors note in it: an entry stands in a feed for many polls."""
    if not isinstance(payload, Mapping):
        return payload
    return {key: value for key, value in payload.items() if key != "received_at"}


def _parts(response: Response) -> tuple[bytes, int, dict[str, str], str, dict[str, Json]]:
    """Body, status, headers, address and the rest of an answer of any kind."""
    match response:
        case HttpResponse():
            return response.body, response.status, dict(response.headers), response.url, {}
        case StreamBatch():
            return orjson.dumps([_event(event) for event in response.events]), 0, {}, response.request.url, {}
        case MailboxBatch():
            messages = [[m.uid, base64.b64encode(m.body).decode(), m.truncated] for m in response.messages]
            detail: dict[str, Json] = {"uidvalidity": response.uidvalidity, "more": response.more}
            return orjson.dumps(messages), 0, {}, response.request.host, detail
        case FileContent():
            kept: dict[str, Json] = {
                "name": response.name,
                "fingerprint": response.fingerprint,
                "modified_at": response.modified_at.isoformat(),
                "offset": response.request.offset,
            }
            return response.body, 0, {}, response.request.folder, kept


def _event(event: StreamEvent) -> list[Json]:
    return [event.name, event.id, event.data]
