"""What answers hold, as models: for the description of the API. Rows are written from the values themselves."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from inbox.export import COLUMNS
from inbox.kpis.views import KpiRow as KpiRowValue
from inbox.programs.views import Happening, Talk
from inbox.views import KpiValue
from store.export_rows import ExportRow


class Told(BaseModel):
    """Base of answers: nothing else stands in them."""

    model_config = ConfigDict(extra="forbid")


def _shape(name: str, of: type[Any], only: tuple[str, ...] = ()) -> type[BaseModel]:
    """The model of a value, with its fields."""
    hints = get_type_hints(of)
    names = only or tuple(field.name for field in fields(of))
    made: dict[str, Any] = {each: (hints[each], ...) for each in names}
    return create_model(name, __base__=Told, __doc__=str(of.__doc__).strip(), **made)


Mention = _shape("Mention", ExportRow, COLUMNS)
Conversation = _shape("Conversation", Talk)
Event = _shape("Event", Happening)


Kpi = _shape("Kpi", KpiValue)
KpiRow = _shape("KpiRow", KpiRowValue)


class KpiList(Told):
    """The figures of a period; the page of figures in the documentation defines each."""

    data: list[Kpi]  # type: ignore[valid-type]


class KpiPart(Kpi):  # type: ignore[valid-type, misc]
    """A figure of one team, source or time."""

    key: str


class KpiSplit(Told):
    """A figure by something, in the order of the keys."""

    data: list[KpiPart]


class Survival(Told):
    """The share (0-1) that was answered within so many seconds (Kaplan-Meier)."""

    points: list[list[float]] = Field(description="Pairs of seconds and the share; growing.")
    n: int = Field(description="First answers.")
    n_open: int = Field(description="Conversations of the period that wait for their first answer.")


class VolumePoint(Told):
    """How much was said from `at` until the next step."""

    at: str = Field(json_schema_extra={"format": "date-time"})
    local: str = Field(json_schema_extra={"format": "date-time"}, description="The same in the workspace's time zone.")
    key: str = Field(description="Of what; empty where nothing is split; (rest): all but the largest keys.")
    n: int
    late: int = Field(description="How many of them were found more than a day after they were said.")


class Volumes(Told):
    """How much was said."""

    data: list[VolumePoint]
    names: dict[str, str] = Field(description="What people call a key.")
    total: int = Field(description="All that was counted, each once.")
    late: int
    left_out: int | None = Field(description="Folded copies of the same text, not counted; null where not known.")
    unit: str = Field(description="messages, or conversations where themes take part.")


class HeatCell(Told):
    """An hour of the week, on the clock of the workspace."""

    weekday: int = Field(description="0 is Monday.")
    hour: int
    n: int
    hours: int = Field(description="How often this hour occurred in these days; the clock skips and repeats some.")
    per_hour: float | None = Field(description="n in one such hour on average; null where it did not occur.")


class HeatMap(Told):
    """How much was said in each hour of the week."""

    data: list[HeatCell]
    total: int


class VoiceOfBrand(Told):
    """A brand among all that are compared. Shares are 0-1; null where nothing was said."""

    brand_id: str
    name: str
    competitor: bool
    n: int
    share: float | None
    n_before: int
    share_before: float | None


class ShareOfVoice(Told):
    """Brands by how much is said of them; a message of two brands counts at each."""

    data: list[VoiceOfBrand]
    mentions: int = Field(description="All that was counted, at each brand.")
    mentions_before: int


class TopOne(Told):
    """An author, site, word or link."""

    key: str = Field(description="The id of the author, the host, the word, or the address.")
    name: str | None = Field(description="As people know it; null for authors, who are named in their messages.")
    n: int
    n_before: int | None = Field(description="In the period of equal length before; null where not known.")
    url: str | None


class Tops(Told):
    """The largest, first."""

    data: list[TopOne]
    counted: int = Field(description="So many messages were looked at: the newest, where that is not all of them.")
    total: int
    at_least: bool = Field(description="On some days there was more than is kept of a day: a figure may be higher.")


class Withheld(Told):
    """Messages that a platform's terms do not let out, of one source."""

    source_id: str
    name: str
    left_out: int = Field(description="So many that the filters find; a search is not looked at.")
    basis: str = Field(description="Which rule says so, and where it stands.")


class _Paged(Told):
    next: str | None = Field(
        description="The cursor of the next page; null at the end. A page may be short, even empty."
    )


class MentionPage(_Paged):
    """A page of messages, newest first."""

    data: list[Mention]  # type: ignore[valid-type]
    withheld: list[Withheld] = Field(description="With the first page: what platforms do not let out.")


class ConversationPage(_Paged):
    """A page of conversations, newest first."""

    data: list[Conversation]  # type: ignore[valid-type]


class KpiRowPage(_Paged):
    """A page of the conversations behind a figure, newest first."""

    data: list[KpiRow]  # type: ignore[valid-type]


class EventPage(_Paged):
    """A page of what was done, newest first."""

    data: list[Event]  # type: ignore[valid-type]


class Brand(Told):
    """A brand that is listened for."""

    id: str
    name: str
    competitor: bool


class BrandList(Told):
    """All brands."""

    data: list[Brand]


class Theme(Told):
    """A structural cause or an idea that conversations raise. Archived themes are told too."""

    id: int
    name: str
    description: str
    archived: bool


class ThemeList(Told):
    """All themes."""

    data: list[Theme]


class Gap(Told):
    """A stretch of time [start, end) that a source has not told us of, or never will; instants in UTC."""

    query: str
    start: str = Field(json_schema_extra={"format": "date-time"})
    end: str = Field(json_schema_extra={"format": "date-time"})
    why: str


class Source(Told):
    """A source and how it does. Delays in seconds, from publication to being visible, over the last day."""

    id: str
    name: str
    connector: str
    platform: str
    own: bool
    health: str = Field(description="ok, waiting, trouble, login, refused, gone, off or paused.")
    said: str = Field(description="What is the matter; empty when all is well.")
    last_ok_at: str | None = Field(json_schema_extra={"format": "date-time"})
    last_item_at: str | None = Field(json_schema_extra={"format": "date-time"})
    stored: int = Field(description="Messages it brought first.")
    duplicates: int
    quarantined: int = Field(description="Items set aside because they could not be read.")
    delay_p50_s: float | None
    delay_p95_s: float | None
    gaps: list[Gap] = Field(description="Of the last week.")


class SourceList(Told):
    """All sources."""

    data: list[Source]
