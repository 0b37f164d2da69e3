"""Delivering an export to an S3-compatible store.

A file appears there when it is whole: small ones go in one request, larger ones in parts that the store puts together
at the end; parts of an upload that failed are given up. Reference: Amazon S3 API, PutObject and multipart uploads.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.errors import ConnectorError, Transient
from pipeline.exporting.places import Parcel, UndeliveredError, manifest_name
from pipeline.http.guard import Guard
from pipeline.settings import ObjectStoreSettings
from store.export_jobs import Trouble

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

_PART = 8 * 1024 * 1024
_MOST_PARTS = 9_000
_AT_ONCE = 3
_LONGEST_WHY = 160
_SAID = re.compile(r"<Code>(\w+)</Code>\s*<Message>([^<]*)</Message>")


def deliver(parcel: Parcel, settings: ObjectStoreSettings, guard: Guard) -> str:
    """Put an export and then its manifest there; gives the address of the export.

    What stands there under the same name is replaced. The manifest comes last: where it stands, the export is whole.

    Raises:
        UndeliveredError: neither stands there new, or only the export does, whole.
    """
    import obstore
    from obstore import exceptions

    where = settings.endpoint or f"S3 ({settings.region})"
    _judged(settings, guard, where)
    part = max(_PART, parcel.path.stat().st_size // _MOST_PARTS + 1)
    try:
        store = _opened(settings)
        key = settings.key(parcel.name)
        obstore.put(store, key, parcel.path, chunk_size=part, max_concurrency=_AT_ONCE)
        obstore.put(store, settings.key(manifest_name(parcel.name)), parcel.manifest)
    except (exceptions.UnauthenticatedError, exceptions.PermissionDeniedError, PermissionError) as error:
        raise UndeliveredError(Trouble.REFUSED, where=where, why=_why(error)) from error
    except (exceptions.NotFoundError, FileNotFoundError) as error:  # of the store: the file was there
        raise UndeliveredError(Trouble.NO_BUCKET, where=where) from error
    except exceptions.BaseError as error:
        if "HTTP error" in str(error).partition("\n")[0]:
            raise UndeliveredError(Trouble.LINE, where=where) from error
        raise UndeliveredError(Trouble.ANSWER, where=where, why=_why(error)) from error
    return f"s3://{settings.bucket}/{key}"


def remove(name: str, settings: ObjectStoreSettings) -> None:
    """Remove a delivered export and its manifest."""
    import obstore

    obstore.delete(_opened(settings), [settings.key(each) for each in (name, manifest_name(name))])


def _opened(settings: ObjectStoreSettings) -> S3Store:
    from obstore.store import S3Store

    config: S3Config = {"region": settings.region}
    if settings.endpoint is not None:
        config["endpoint"] = settings.endpoint
    return S3Store(
        settings.bucket,
        config=config,
        access_key_id=settings.access_key,
        secret_access_key=settings.secret_key,
        virtual_hosted_style_request=settings.endpoint is None,
        client_options={
            "allow_http": (settings.endpoint or "").startswith("http://"),
            "connect_timeout": "10s",
            "timeout": "120s",
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=60)},
    )


def _judged(settings: ObjectStoreSettings, guard: Guard, where: str) -> None:
    """Look where the endpoint leads, as for any source: inside only where its own name says so, or it is allowed."""
    if settings.endpoint is None:
        return
    host = (urlsplit(settings.endpoint).hostname or "").lower()
    try:
        asyncio.run(guard.check(settings.endpoint, private_hosts=frozenset({host})))
    except Transient as error:
        raise UndeliveredError(Trouble.LINE, where=where) from error
    except ConnectorError as error:
        raise UndeliveredError(Trouble.GUARDED, where=where, why=str(error)) from error


def _why(error: Exception) -> str:
    """What the store said: its code and message, else the first line of what the library makes of it."""
    found = _SAID.search(str(error))
    text = ": ".join(found.groups()) if found else str(error).partition("\n")[0]
    return text[:_LONGEST_WHY]
