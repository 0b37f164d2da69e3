"""A file that was sent to the bot: first where it is (getFile), then the file itself. Both addresses hold the token."""

from __future__ import annotations

import re
from urllib.parse import quote

from connectors.errors import BadRequest, FormatChanged
from connectors.fields import as_object, text_of
from connectors.items import Media
from connectors.requests import HttpRequest, HttpResponse
from connectors.telegram.bot import Bot, result

_WHERE = "where"
_PATH = re.compile(r"[\w/.-]+")


def where(bot: Bot, media: Media) -> HttpRequest:
    """The call that tells where a file is. Source: https://core.telegram.org/bots/api#getfile (at most 20 MB).

    Raises:
        BadRequest: it is no file of Telegram's.
    """
    file_id = media.url.removeprefix("telegram:")
    if file_id == media.url or not file_id:
        msg = "this attachment is no file of Telegram's"
        raise BadRequest(msg)
    return bot.request("getFile", params=(("file_id", file_id),), step=_WHERE)


def then(bot: Bot, response: HttpResponse) -> HttpRequest | None:
    """The call that brings the file; None when this was its answer.

    Raises:
        FormatChanged: the answer does not say where the file is.
        ConnectorError: Telegram's own error.
    """
    if response.request.step != _WHERE:
        return None
    try:
        path = text_of(as_object(result(response), "the file"), "file_path")
    except ValueError as error:
        raise FormatChanged(str(error)) from error
    # A Bot API server of one's own in local mode gives a path on its disk, which is not served.
    if path is None or path.startswith("/") or ".." in path or _PATH.fullmatch(path) is None:
        msg = "Telegram does not say where the file is, or gives a path on another machine's disk"
        raise FormatChanged(msg)
    return HttpRequest(f"{bot.base}/file/bot{{secret}}/{quote(path)}", secret=bot.token)
