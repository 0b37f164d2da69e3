"""What is wanted of an export, as it is kept with a job or schedule, and read back. Pure.

What another version of the program kept and this one does not know is left out, as with saved views.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from inbox.export import Form, Withheld
from inbox.export_jobs.views import Wanted
from inbox.saved_views.documents import document, filters_of


def document_of(wanted: Wanted) -> dict[str, Any]:
    """As JSON."""
    return {"tables": list(wanted.tables), "filters": document(wanted.filters), "form": asdict(wanted.form)}


def wanted_of(kept: Any) -> Wanted:
    """Read back."""
    found = kept if isinstance(kept, Mapping) else {}
    known = {field.name for field in fields(Form)}
    form = {name: value for name, value in dict(found.get("form") or {}).items() if name in known}
    return Wanted(tuple(found.get("tables") or ("mentions",)), filters_of(found.get("filters")), Form(**form))


def held_document(held: tuple[Withheld, ...]) -> list[dict[str, Any]]:
    """What was held back, as JSON."""
    return [asdict(one) for one in held]


def held_of(kept: Any) -> tuple[Withheld, ...]:
    """What was held back, read back."""
    known = {field.name for field in fields(Withheld)}
    return tuple(Withheld(**{name: value for name, value in one.items() if name in known}) for one in kept or ())
