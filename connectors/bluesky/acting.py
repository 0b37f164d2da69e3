"""What we do on the network: answer, like, hide below our own post, take back, read a thread, look whether posts stand.

Every write names its record itself, by a key made of the wish: sent twice, it is one record. An identical `putRecord`
changes nothing on the server (bluesky-social/atproto, packages/pds), so all of this may be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from connectors.bluesky import xrpc
from connectors.bluesky.facets import facets, handles
from connectors.bluesky.reading import MOST_BYTES, MOST_GRAPHEMES, Reader, post_uri
from connectors.bluesky.session import Session
from connectors.bluesky.syntax import LIKE, POST, THREADGATE, AtUri, is_did, tid_for, write_datetime
from connectors.bluesky.thread import posts_of
from connectors.bluesky.wording import words_of
from connectors.contract import Action, ActionKind, ActionResult, Target
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.fields import items_of, part, text_of
from connectors.items import Deleted, Json
from connectors.requests import HttpRequest, HttpResponse

_WHO, _NAME, _PUT, _GATE, _LOOK = "who", "name", "put", "gate", "look"
_MOST_NAMES = 5
"""Handles of one answer that are looked up; with the write it stays below the calls of one action."""
_MOST_HIDDEN = 300
_DEPTH, _HEIGHT = "20", "80"


class Acting:
    """Performs actions on posts as our account; messages are `messaging`'s.

    Args:
        session: our login.
        reader: reads posts.
        appview: where everybody may ask about posts.
    """

    def __init__(self, session: Session, reader: Reader, appview: str) -> None:
        self._session = session
        self._reader = reader
        self._appview = appview

    def request_for(self, action: Action) -> HttpRequest:
        """Say which call performs an action, or comes first.

        Raises:
            AuthDead: there is nothing to log in with.
            Forbidden: it is not ours to do.
            BadRequest: the reply is empty or too long, or the item does not carry what the call needs.
        """
        uri = _uri(action.external_id)
        if action.kind is ActionKind.RECHECK:
            return self.recheck([Target(action.external_id)])
        if self._session.did is None:
            # Records stand under our DID, which only a login tells; this answer says that there is none yet.
            return self._session.call("com.atproto.server.getSession", step=_step(_WHO))
        return self._thread_of(action, uri) if action.kind is ActionKind.FETCH_THREAD else self._write(action, uri)

    def _write(self, action: Action, uri: AtUri) -> HttpRequest:
        match action.kind:
            case ActionKind.LIKE:
                key = tid_for(f"like {action.idempotency_key}", _at(action))
                return self._put(LIKE, key, {"subject": _ref(action), "createdAt": write_datetime(_at(action))})
            case ActionKind.HIDE:
                gate = self._gate(action)
                return self._session.call("com.atproto.repo.getRecord", params=gate, step=_step(_GATE))
            case ActionKind.DELETE_OWN:
                self._hold_own(uri)
                body: Json = {"repo": uri.authority, "collection": POST, "rkey": uri.rkey}
                return self._session.call("com.atproto.repo.deleteRecord", json=body)
            case _:
                return self._reply(action, {})

    def _thread_of(self, action: Action, uri: AtUri) -> HttpRequest:
        """What stands around a post; or whether our own answer stands, which its key tells without a search."""
        if action.newest:
            mine = (("repo", self._session.did or ""), ("collection", POST), ("rkey", _own_key(action)))
            return self._session.call("com.atproto.repo.getRecord", params=mine, step=_step(_LOOK))
        params = (("uri", str(uri)), ("depth", _DEPTH), ("parentHeight", _HEIGHT))
        return self._session.call("app.bsky.feed.getPostThread", params=params)

    def result_of(self, action: Action, response: HttpResponse) -> ActionResult:
        """Read what came of an action.

        Raises:
            ConnectorError: it failed; `Transient` when it is unknown whether it happened.
        """
        if action.kind is ActionKind.RECHECK:
            return self.rechecked([Target(action.external_id)], response)
        asks = orjson.loads(response.request.step) if response.request.step else {}
        if action.kind is ActionKind.FETCH_THREAD:
            return self._looked(response) if asks.get("asks") == _LOOK else self._thread(action, response)
        if action.kind is ActionKind.REPLY:
            return self._named(action, asks, response) if asks.get("asks") == _NAME else self._replied(response)
        if action.kind is ActionKind.HIDE and asks.get("asks") == _GATE:
            return self._hide(action, response)
        self._session.body(response)
        taken_back = action.kind is ActionKind.DELETE_OWN
        return ActionResult(deleted=(Deleted(action.external_id),) if taken_back else ())

    def recheck(self, targets: Sequence[Target]) -> HttpRequest:
        """Ask whether posts stand; of everybody's view, in which nobody has blocked us."""
        params = tuple(("uris", str(_uri(each.external_id))) for each in targets)
        return xrpc.call(self._appview, "app.bsky.feed.getPosts", params=params)

    def rechecked(self, targets: Sequence[Target], response: HttpResponse) -> ActionResult:
        """Read which posts stand; the others were removed by their author or by the network."""
        body = xrpc.object_of(response, renewable=False)
        views = body.get("posts")
        if not isinstance(views, list):
            msg = "the answer to getPosts holds no posts"
            raise FormatChanged(msg)
        items, _ = self._reader.read(views)
        there = {text_of(each, "uri") for each in views if isinstance(each, dict)}
        gone = tuple(Deleted(each.external_id) for each in targets if each.external_id not in there)
        return ActionResult(tuple(items), gone)

    def _reply(self, action: Action, dids: Mapping[str, str | None]) -> HttpRequest:
        """The answer itself, or first the question whose a handle in it is."""
        text = words_of(action, graphemes=MOST_GRAPHEMES, most_bytes=MOST_BYTES)
        known = {**_author(action), **dids}
        unknown = [each for each in handles(text) if each not in known][: _MOST_NAMES - len(dids)]
        if unknown:
            step = orjson.dumps({"asks": _NAME, "handle": unknown[0], "dids": dids}).decode()
            name = (("handle", unknown[0]),)
            return self._session.call("com.atproto.identity.resolveHandle", params=name, step=step)
        parent, root = _ref(action), part(dict(action.extra), "root")
        record: dict[str, Json] = {
            "text": text,
            "createdAt": write_datetime(_at(action)),
            "reply": {"root": {"uri": root["uri"], "cid": root["cid"]} if root else parent, "parent": parent},
        }
        if found := facets(text, {handle: did for handle, did in known.items() if did is not None}):
            record["facets"] = found
        if lang := text_of(dict(action.extra), "lang"):
            record["langs"] = [lang]
        return self._put(POST, _own_key(action), record)

    def _named(self, action: Action, asks: dict[str, Json], response: HttpResponse) -> ActionResult:
        dids: dict[str, str | None] = {
            str(handle): did for handle, did in part(asks, "dids").items() if did is None or isinstance(did, str)
        }
        # A name that belongs to nobody stays plain text.
        did = None if xrpc.is_gone(response) else text_of(self._session.body(response), "did")
        dids[str(asks["handle"])] = did if did is not None and is_did(did) else None
        return ActionResult(next=self._reply(action, dids))

    def _replied(self, response: HttpResponse) -> ActionResult:
        written = response.request.json
        body, record = self._session.body(response), part(written if isinstance(written, dict) else {}, "record")
        return self._ours({**body, "value": record}, response)

    def _looked(self, response: HttpResponse) -> ActionResult:
        """Our own record under the wish's key: it is there, or it was never written."""
        if xrpc.is_gone(response):
            return ActionResult()
        return self._ours(self._session.body(response), response)

    def _ours(self, record: dict[str, Json], response: HttpResponse) -> ActionResult:
        view: dict[str, Json] = {
            "uri": record.get("uri"),
            "cid": record.get("cid"),
            "author": {"did": self._session.did, "handle": self._session.handle},
            "record": record.get("value"),
            "indexedAt": write_datetime(response.received_at),
        }
        try:
            return ActionResult((self._reader.one(view),))
        except ValueError as error:
            msg = f"{xrpc.host_of(response)} did it, but its answer cannot be read: {error}"
            raise FormatChanged(msg) from error

    def _thread(self, action: Action, response: HttpResponse) -> ActionResult:
        if xrpc.is_gone(response):
            return ActionResult()
        views = posts_of(self._session.body(response))
        items, _ = self._reader.read(views)
        asked = next((item for item in items if item.external_id == action.external_id), None)
        others = tuple(item for item in items if item is not asked)
        return ActionResult(others, parent=None if asked is None else asked.parent_external_id)

    def _gate(self, action: Action) -> tuple[tuple[str, str], ...]:
        root = _uri(text_of(part(dict(action.extra), "root"), "uri") or action.external_id)
        if root.authority != self._session.did or str(root) == action.external_id:
            msg = "only answers below our own posts can be hidden"
            raise Forbidden(msg)
        return (("repo", root.authority), ("collection", THREADGATE), ("rkey", root.rkey))

    def _hide(self, action: Action, response: HttpResponse) -> ActionResult:
        """Add the answer to those that our post's gate hides; everything else in the gate stays."""
        gate: dict[str, Json] = {}
        swap: Json = None  # there must be none yet
        if not xrpc.is_gone(response):
            body = self._session.body(response)
            gate, swap = part(body, "value"), body.get("cid")
        hidden = items_of(gate, "hiddenReplies")
        if action.external_id in hidden:
            return ActionResult()
        if len(hidden) >= _MOST_HIDDEN:
            msg = f"our post hides {_MOST_HIDDEN} answers already, which is all that Bluesky takes"
            raise BadRequest(msg)
        params = dict(self._gate(action))
        record: dict[str, Json] = {
            "post": str(AtUri(params["repo"], POST, params["rkey"])),
            "createdAt": write_datetime(_at(action)),
            **gate,
            "hiddenReplies": [*hidden, action.external_id],
        }
        return ActionResult(next=self._put(THREADGATE, params["rkey"], record, swap=(swap,)))

    def _put(self, collection: str, rkey: str, record: dict[str, Json], *, swap: tuple[Json, ...] = ()) -> HttpRequest:
        body: dict[str, Json] = {
            "repo": self._session.did,
            "collection": collection,
            "rkey": rkey,
            "record": {"$type": collection, **record},
        }
        if swap:
            body["swapRecord"] = swap[0]
        return self._session.call("com.atproto.repo.putRecord", json=body, step=_step(_PUT))

    def _hold_own(self, uri: AtUri) -> None:
        if uri.authority != self._session.did:
            msg = "only posts of the connected account can be taken back from here"
            raise Forbidden(msg)


def _step(asks: str) -> str:
    return orjson.dumps({"asks": asks}).decode()


def _uri(text: str) -> AtUri:
    try:
        return post_uri({"uri": text})
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _at(action: Action) -> datetime:
    """When the action was first tried: part of what is written, so that a repeat writes the same."""
    if action.at is None:
        msg = "the action says nothing of when it was first tried, so it could not be repeated safely"
        raise BadRequest(msg)
    return action.at


def _own_key(action: Action) -> str:
    return tid_for(action.idempotency_key, _at(action))


def _author(action: Action) -> dict[str, str]:
    """The DID of whom is answered is in the post's address, so that their handle needs no question."""
    handle = action.author_handle
    return {} if handle is None else {handle.lstrip("@").lower(): _uri(action.external_id).authority}


def _ref(action: Action) -> dict[str, Json]:
    cid = text_of(dict(action.extra), "cid")
    if cid is None:
        msg = "this post was kept without its version: answer there by hand"
        raise BadRequest(msg)
    return {"uri": action.external_id, "cid": cid}
