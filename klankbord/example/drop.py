"""Files the example drops for the `files` connector: posts and mail as JSON Lines, reviews as a Dutch Excel CSV.

Each stretch of time gives new files; an edited review stands in a later file under the same id. File names follow
from the stretch, and a file is written aside and renamed, so that a broken-off start leaves no half files.
"""

from __future__ import annotations

import csv
import io
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from klankbord.example.world import Channel, Utterance, World

_ZONE = ZoneInfo("Europe/Amsterdam")
_CHANNELS = {Channel.POST: "posts", Channel.REVIEW: "reviews", Channel.MAIL: "mail"}


def drop_files(world: World, folder: Path, after: datetime, until: datetime, base_url: str) -> list[Path]:
    """Write what was said or edited in (after, until] into one file per channel.

    Args:
        world: the example's world.
        folder: parent of the drop folders `posts`, `reviews` and `mail`; made when missing.
        after: aware UTC; start of the stretch, itself left out.
        until: aware UTC; end of the stretch.
        base_url: where the example's pages are served, ending in a slash.

    Returns:
        The files written; none for channels in which nothing was said.
    """
    written = []
    for channel, name in _CHANNELS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)  # it is looked at, also where nothing was said yet
        said = [each for each in world.until(until, channel) if each.touched(until) > after]
        if not said:
            continue
        render, ending = (_csv, "csv") if channel is Channel.REVIEW else (_jsonl, "jsonl")
        target = folder / name / f"{name}-{until.astimezone(_ZONE):%Y%m%d-%H%M%S}.{ending}"
        _write(target, render(said, base_url), until)
        written.append(target)
    return written


def _write(target: Path, content: bytes, at: datetime) -> None:
    aside = target.with_suffix(".part")
    aside.write_bytes(content)
    # Finished a little earlier: a file that was touched just now would be left alone until the next look.
    written = (at - timedelta(seconds=30)).timestamp()
    os.utime(aside, (written, written))
    aside.rename(target)


def _jsonl(said: list[Utterance], base_url: str) -> bytes:
    return b"".join(orjson.dumps(_row(each, base_url)) + b"\n" for each in said)


def _row(said: Utterance, base_url: str) -> dict[str, Any]:
    mail = said.channel is Channel.MAIL
    row: dict[str, Any] = {
        "external_id": f"{said.channel.value}-{said.number}",
        "published_at": said.at.isoformat(),
        "author": said.author.name,
        "author_id": said.author.handle,
        "text": said.text,
        "kind": "message" if mail else "post" if said.parent is None else "comment",
        "channel": "mail" if mail else "chirp",
        "thread_external_id": f"{said.channel.value}-{said.thread}",
        "visibility": "private" if mail else "public",
        "own": said.author.is_brand,
    }
    if mail:
        row["title"] = _subject(said)
    else:
        row |= {"url": f"{base_url}said/{said.number}", "followers": said.author.followers}
    if said.parent is not None:
        row["parent_external_id"] = f"{said.channel.value}-{said.parent}"
    return row


def _subject(said: Utterance) -> str:
    first = said.text.split(".")[0].split("?")[0]
    return f"Re: {first[:60]}" if said.parent is not None else first[:60]


def _csv(said: list[Utterance], base_url: str) -> bytes:
    sheet = io.StringIO()
    writer = csv.writer(sheet, delimiter=";")
    writer.writerow(["kenmerk", "datum", "auteur", "klant id", "sterren", "tekst", "link"])

    for each in said:
        link = f"{base_url}said/{each.number}"
        writer.writerow(
            [
                f"review-{each.number}",
                f"{each.at.astimezone(_ZONE):%d-%m-%Y %H:%M:%S}",
                each.author.name,
                each.author.handle,
                each.stars,
                each.text,
                link,
            ]
        )
    return ("\ufeff" + sheet.getvalue()).encode()
