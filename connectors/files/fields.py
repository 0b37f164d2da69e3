"""The fields a column may fill, and the column names that are understood without being told."""

from __future__ import annotations

import re
from enum import StrEnum


class Field(StrEnum):
    """What a column means. `IGNORE` is left out wholly; a column without a field is kept beside the item."""

    EXTERNAL_ID = "external_id"
    PUBLISHED_AT = "published_at"
    EDITED_AT = "edited_at"
    AUTHOR = "author"
    AUTHOR_ID = "author_id"
    AUTHOR_URL = "author_url"
    FOLLOWERS = "followers"
    TEXT = "text"
    HTML = "html"
    TITLE = "title"
    RATING = "rating"
    SCALE = "scale"
    URL = "url"
    CHANNEL = "channel"
    PARENT_EXTERNAL_ID = "parent_external_id"
    THREAD_EXTERNAL_ID = "thread_external_id"
    KIND = "kind"
    LANG = "lang"
    TAGS = "tags"
    OWN = "own"
    VISIBILITY = "visibility"
    LIKES = "likes"
    REPLIES = "replies"
    SHARES = "shares"
    VIEWS = "views"
    IGNORE = "ignore"


_KNOWN_NAMES = {
    Field.EXTERNAL_ID: "id, external id, message id, review id, bericht id, nummer, kenmerk, referentie",
    Field.PUBLISHED_AT: (
        "published at, published, created at, created, date, datetime, timestamp, time, posted at, submitted at, "
        "datum, datumtijd, datum tijd, tijdstip, geplaatst, geplaatst op, aangemaakt, aangemaakt op, ingevuld op"
    ),
    Field.EDITED_AT: "edited at, updated at, updated, modified at, gewijzigd, gewijzigd op, bijgewerkt op",
    Field.AUTHOR: (
        "author, author name, name, user, username, reviewer, customer, auteur, naam, klant, gebruiker, afzender"
    ),
    Field.AUTHOR_ID: "author id, user id, customer id, klantnummer, klant id, gebruiker id",
    Field.AUTHOR_URL: "author url, profile url, profiel",
    Field.FOLLOWERS: "followers, volgers",
    Field.TEXT: (
        "text, body, content, message, comment, review, review text, feedback, remark, description, "
        "tekst, bericht, reactie, recensie, opmerking, opmerkingen, toelichting, inhoud, beoordeling tekst"
    ),
    Field.HTML: "html",
    Field.TITLE: "title, subject, headline, titel, onderwerp, kop",
    Field.RATING: "rating, score, stars, sterren, cijfer, beoordeling, waardering, rapportcijfer, star rating",
    Field.SCALE: "scale, rating scale, max rating, schaal",
    Field.URL: "url, link, permalink, address, review link, adres",
    Field.CHANNEL: "channel, source, platform, kanaal, bron",
    Field.PARENT_EXTERNAL_ID: "parent id, parent external id, in reply to, reactie op, antwoord op",
    Field.THREAD_EXTERNAL_ID: "thread id, thread external id, conversation id, gesprek, gesprek id",
    Field.KIND: "kind, type, soort",
    Field.LANG: "lang, language, reviewer language, taal",
    Field.TAGS: "tags, labels, tag, label, trefwoorden",
    Field.OWN: "own, is own, eigen",
    Field.VISIBILITY: "visibility, zichtbaarheid",
    Field.LIKES: "likes, vind ik leuks, thumbs up",
    Field.REPLIES: "replies, comments, reacties",
    Field.SHARES: "shares, retweets, gedeeld",
    Field.VIEWS: "views, weergaven",
}
_BY_NAME = {name.strip(): field for field, names in _KNOWN_NAMES.items() for name in names.split(",")}

#: Columns whose very name says the scale: a Dutch "cijfer" is a school mark of ten, stars come in fives.
_SCALE_BY_NAME = {"cijfer": 10.0, "rapportcijfer": 10.0, "stars": 5.0, "sterren": 5.0, "star rating": 5.0}
_BETWEEN = re.compile(r"[\s_\-./]+")


def plain_name(column: str) -> str:
    """Write a column's name in its plainest form: lower case, one space between words."""
    return _BETWEEN.sub(" ", column.strip().lstrip("\ufeff").lower()).strip()


def field_of(column: str) -> Field | None:
    """The field a column name stands for in English or Dutch; None when it is not one of the known names."""
    return _BY_NAME.get(plain_name(column))


def scale_of(column: str) -> float | None:
    """The scale that a rating column's name implies; None when it implies none."""
    return _SCALE_BY_NAME.get(plain_name(column))
