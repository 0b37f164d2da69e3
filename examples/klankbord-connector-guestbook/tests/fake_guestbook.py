"""The service, as far as its answers matter."""

from __future__ import annotations

from klankbord_guestbook import Guestbook, GuestbookOptions

from connectors.conformance import FakePlatform, Utterance
from connectors.items import Json
from connectors.requests import Request, Response


class FakeGuestbook(FakePlatform):
    page_size = 20

    def connector(self) -> Guestbook:
        return Guestbook(GuestbookOptions(url="https://guestbook.example"))

    def entry(self, utterance: Utterance) -> Json:
        changed = utterance.edited_at
        return {
            "id": utterance.number,
            "written": utterance.at.isoformat(),
            "changed": changed.isoformat() if changed else None,
            "name": utterance.author,
            "body": utterance.text,
        }

    def answer(self, request: Request) -> Response:
        last = request.url.rsplit("/", 1)[1]
        if last.isdigit():
            said = self.utterances[int(last) - 1]
            return self.json(request, None, 410) if said.removed else self.json(request, self.entry(said))
        before = int(dict(request.params).get("before", "1000000"))
        older = [each for each in self.newest() if each.number < before]
        return self.json(request, {"entries": self.entries(older[:20]), "more": len(older) > 20})
