"""What a person sets for a drop folder."""

from __future__ import annotations

import codecs
from typing import Literal

from pydantic import Field as Setting
from pydantic import field_validator, model_validator

from connectors.contract import Options
from connectors.dates import named_zone
from connectors.files.fields import Field

_ONE_EACH = frozenset(Field) - {Field.TEXT, Field.TAGS, Field.IGNORE}
_CONSTANTS = frozenset({Field.KIND, Field.CHANNEL, Field.LANG, Field.SCALE, Field.OWN, Field.VISIBILITY, Field.TAGS})


class FilesOptions(Options):
    """Options of a `files` source."""

    folder: str = Setting(min_length=1, description="Folder on this machine whose files are read.")
    patterns: tuple[str, ...] = Setting(
        default=("*.csv", "*.tsv", "*.xlsx", "*.jsonl"), min_length=1, description="Names of the files to read."
    )
    profile: str | None = Setting(
        default=None,
        max_length=100,
        description="Name under which ids are kept apart; the source's id when left out. Sources that read the same "
        "export share a profile.",
    )
    columns: dict[str, Field] = Setting(
        default_factory=dict,
        description="Which column fills which field. Left out: columns are recognised by their names.",
    )
    constants: dict[Field, str] = Setting(
        default_factory=dict, description="Values for every row that has none: kind, channel, lang, scale, own, …"
    )
    timezone: str = Setting(default="Europe/Amsterdam", description="Zone of dates in the files that name none.")
    dates: Literal["day_first", "month_first"] = Setting(
        default="day_first", description="How 11/12/2026 is meant: day_first is 11 December."
    )
    excel_epoch: Literal[1900, 1904] = Setting(
        default=1900, description="Where Excel's day numbers start; 1904 in old Mac workbooks."
    )
    decimal_comma: bool = Setting(default=True, description="True when 4,5 is four and a half and 1.234 a thousand.")
    delimiter: str | None = Setting(
        default=None, description="Between two fields of a CSV; found by itself when left out."
    )
    encoding: str | None = Setting(default=None, description="Of CSV and JSONL files; found by itself when left out.")
    header: bool = Setting(default=True, description="False when the first row is data; columns are then 1, 2, 3, …")
    skip_rows: int = Setting(default=0, ge=0, le=1_000, description="Rows above the header to leave out.")
    sheet: str | None = Setting(default=None, description="Sheet of a workbook; the first visible one when left out.")
    max_mb: int = Setting(default=50, ge=1, le=200, description="Largest file in megabytes.")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if named_zone(name) is None:
            msg = f"{name!r} is no time zone; write one such as Europe/Amsterdam"
            raise ValueError(msg)
        return name

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                codecs.lookup(name)
            except LookupError:
                msg = f"{name!r} is no encoding; write one such as utf-8 or cp1252"
                raise ValueError(msg) from None
        return name

    @field_validator("delimiter", mode="before")
    @classmethod
    def _one_character(cls, text: object) -> object:
        text = {"tab": "\t", "\\t": "\t"}.get(text, text) if isinstance(text, str) else text
        if isinstance(text, str) and (len(text) != 1 or text in '"\r\n'):
            msg = "a delimiter is one character such as ; or , or the word tab"
            raise ValueError(msg)
        return text

    @model_validator(mode="after")
    def _one_column_per_field(self) -> FilesOptions:
        filled = list(self.columns.values())
        twice = sorted({field.value for field in filled if field in _ONE_EACH and filled.count(field) > 1})
        if twice:
            msg = f"more than one column fills {', '.join(twice)}; only text and tags may come from several columns"
            raise ValueError(msg)
        wrong = sorted(field.value for field in self.constants if field not in _CONSTANTS)
        if wrong:
            msg = f"{', '.join(wrong)} cannot be the same for every row; constants are {', '.join(sorted(_CONSTANTS))}"
            raise ValueError(msg)
        return self
