# ruff: noqa: E501 - the texts of customers stay on one line
"""A varied set of Dutch and English mentions of an invented brand, committed as the collector commits them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from inbox.route import route_pending
from inbox.settings import InboxSettings, SlaSettings, TeamSettings
from store.brands import BrandRecord, sync_brands
from store.engine import Store
from store.ingest import commit_page
from store.records import AuthorRecord, GapRecord, MediaRecord, MentionRecord, PageCommit, Span
from store.sources import SourceRecord, record_success, record_trouble, sync_sources

SETTINGS = InboxSettings(
    timezone="Europe/Amsterdam",
    teams=(
        TeamSettings(
            id="webcare", name="Webcare", hours="24/7", sla=SlaSettings(first_response="1h", resolution="24h")
        ),
        TeamSettings(id="press", name="Persvoorlichting", hours="24/7", sla=SlaSettings(first_response="4h")),
    ),
)
HOSTILE = (
    "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> "
    "![pixel](https://tracker.example/pixel.png) **vet** $x^2$ :material/home: [klik](javascript:alert(1)) "
    "<style>body{display:none}</style> {{7*7}} \u202egnp.exe"
)
SOURCES = (
    ("forum", "discourse", "Klantenforum", True),
    ("mastodon", "mastodon", "Mastodon", False),
    ("reviews", "files", "Recensies", False),
    ("news", "feeds", "Regionaal nieuws", False),
)
# What the connectors tell of these sources, as `pipeline.enrich` keeps it.
_ABLE: dict[str, dict[str, Any]] = {
    "forum": {"can_reply": True, "can_like": True, "max_length": 32_000, "length_unit": "code_points"},
    "mastodon": {
        "can_reply": True,
        "can_like": True,
        "can_narrow": True,
        "max_length": 500,
        "length_unit": "code_points",
        "link_length": 23,
    },
    "reviews": {"why_not_reply": "A dropped file takes no answers: answer where it came from."},
    "news": {"why_not_reply": "An article in a feed takes no answers."},
}
# source, kind, author, language, minutes ago, rating, title, text
_SAID: tuple[tuple[str, str, str, str, int, float | None, str | None, str], ...] = (
    (
        "forum",
        "topic",
        "Eva de Boer",
        "nl",
        190,
        None,
        "Monteur niet gekomen in Zwolle",
        "Monteur kwam niet opdagen tussen 8 en 12, vrije dag voor niks opgenomen. Ik ben hier echt klaar mee: als Northwind "
        "vandaag niets laat horen zeg ik op.",
    ),
    (
        "reviews",
        "review",
        "Anouk Dekker",
        "en",
        52,
        0.6,
        None,
        "Does Northwind support eSIM on the iPhone 17? Can't find it in the docs. Otherwise happy with the speed.",
    ),
    (
        "mastodon",
        "post",
        "Sanne van Dijk",
        "nl",
        47,
        None,
        None,
        "Northwind opent een nieuwe winkel in Groningen, meldt de lokale omroep. Ik overweeg nu echt om over te stappen naar "
        "een concurrent, want bij mij in de straat ligt al drie dagen alles plat.",
    ),
    (
        "mastodon",
        "post",
        "Jan Vos",
        "nl",
        33,
        None,
        None,
        "Waarom staan mijn gegevens nog in jullie systeem terwijl ik om verwijdering heb gevraagd? #AVG @northwind",
    ),
    (
        "forum",
        "topic",
        "Bram Meijer",
        "nl",
        29,
        None,
        "Veertig minuten in de wacht",
        "Al 9 keer gebeld, steeds 40 minuten in de wacht en dan verbroken. Slechtste service ooit. Ik heb mijn klantnummer "
        "al drie keer doorgegeven. Wanneer belt Northwind mij terug?",
    ),
    (
        "reviews",
        "review",
        "Lotte Bakker",
        "nl",
        26,
        0.2,
        None,
        "Retour al 3 weken geleden gestuurd, geld nog steeds niet terug. Eén ster is nog te veel voor Northwind.",
    ),
    (
        "news",
        "article",
        "Stentor",
        "nl",
        24,
        None,
        "Storing bij Northwind treft duizenden huishoudens",
        "Duizenden huishoudens in Zwolle en omgeving zitten sinds dinsdagochtend zonder internet. Northwind zegt dat een "
        "glasvezelkabel is geraakt bij graafwerkzaamheden en verwacht herstel in de loop van de middag.",
    ),
    (
        "mastodon",
        "post",
        "Yusuf Peters",
        "nl",
        21,
        None,
        None,
        "Mooie nieuwe app van Northwind! Eindelijk donkere modus, werkt heerlijk op mijn laptop. 👏",
    ),
    (
        "forum",
        "topic",
        "Femke Hoekstra",
        "nl",
        18,
        None,
        "Idee: storingskaart per straat",
        "Zouden jullie bij een storing per straat kunnen laten zien wanneer het weer werkt? Dat scheelt Northwind een hoop "
        "telefoontjes.",
    ),
    (
        "mastodon",
        "post",
        "Oliver Reed",
        "en",
        16,
        None,
        None,
        "My Northwind router has been down for 5 days. Support keeps sending me the same canned reply. Anyone a working tip?",
    ),
    (
        "reviews",
        "review",
        "Mo El Amrani",
        "nl",
        14,
        1.0,
        None,
        "Top geholpen door de winkel in Deventer, binnen tien minuten een nieuwe modem mee. Dank Northwind!",
    ),
    (
        "mastodon",
        "post",
        "مريم علي",
        "nl",
        12,
        None,
        None,
        "Klopt het dat het abonnement van Northwind per januari 4 euro duurder wordt? Nergens iets over gelezen.",
    ),
    ("mastodon", "post", "", "nl", 9, None, None, HOSTILE + " Northwind"),
    (
        "forum",
        "topic",
        "Ruud de Wit",
        "nl",
        7,
        None,
        "Verhuizen met glasvezel",
        "Wij verhuizen op 3 december naar Assen. Hoe lang van tevoren moet ik dat bij Northwind doorgeven?",
    ),
    (
        "mastodon",
        "post",
        "Kees Janssen",
        "nl",
        5,
        None,
        None,
        "Northwind Northwind Northwind. Alweer geen bereik in de trein tussen Meppel en Steenwijk.",
    ),
)
_REPLIES = (
    ("Eva de Boer", "inbound", 150, "Nog steeds niets gehoord… Het is middag en ik zit al de hele dag thuis."),
    (
        "Northwind Webcare",
        "outbound",
        120,
        "Wat vervelend, Eva! We zoeken het voor je uit en laten het vandaag weten. ^SW",
    ),
    (
        "Eva de Boer",
        "inbound",
        62,
        "Dat is nu een uur geleden. Ik wacht op jullie bericht, anders zeg ik Northwind op.",
    ),
)
_OLD = (
    (
        21,
        "mastodon",
        "App crasht elke keer als ik wil inloggen op mijn laptop. Update van gisteren maakt het erger, Northwind.",
    ),
    (48, "forum", "Ik zie twee verschillende prijzen voor hetzelfde product bij Northwind. Welke klopt?"),
    (77, "reviews", "Bij Northwind altijd snel antwoord gehad, ga zo door."),
)


def fill(store: Store, now: datetime, *, extra: int = 0) -> None:
    """Put the set into a migrated store as if it was collected up to `now`; `extra` more short posts for volume."""
    sync_sources(
        store,
        [
            SourceRecord(id, connector, connector, name, 300, 172_800, own=own)
            for id, connector, name, own in SOURCES  # noqa: A001
        ],
        now,
    )
    sync_brands(store, [BrandRecord("northwind", "Northwind", "northwind", competitor=False)], now)
    records: dict[str, list[MentionRecord]] = {source: [] for source, *_rest in SOURCES}
    for number, (source, kind, author, lang, minutes, rating, title, text) in enumerate(_SAID):
        records[source].append(
            posted(
                source,
                f"{kind}-{number}",
                kind,
                author,
                text,
                now - timedelta(minutes=minutes),
                lang=lang,
                rating=rating,
                title=title,
                thread_key=f"{source}:{number}",
            )
        )
    for number, (author, direction, minutes, text) in enumerate(_REPLIES):
        records["forum"].append(
            posted(
                "forum",
                f"answer-{number}",
                "answer",
                author,
                text,
                now - timedelta(minutes=minutes),
                direction=direction,
                thread_key="forum:0",
            )
        )
    for number, (days, source, text) in enumerate(_OLD):
        records[source].append(
            posted(
                source,
                f"old-{number}",
                "post",
                "Eva de Boer",
                text,
                now - timedelta(days=days),
                thread_key=f"{source}:old{number}",
                author_id="eva",
            )
        )
    for number in range(extra):
        text = f"Bericht {number} over Northwind: de verbinding valt elke avond {number % 7 + 1} keer weg."
        records["mastodon"].append(
            posted(
                "mastodon",
                f"extra-{number}",
                "post",
                f"Klant {number:03d}",
                text,
                now - timedelta(seconds=100 + number),
                thread_key=f"mastodon:extra{number}",
            )
        )
    copy = replace(
        records["mastodon"][0],
        external_id="copy-1",
        thread_key="mastodon:copy",
        published_at=now - timedelta(minutes=40),
        author=_author("mastodon", "Spiegel", "spiegel"),
    )
    records["mastodon"].append(copy)
    # As it went: each was found two minutes after it was said, what is old together at the beginning.
    looks: dict[tuple[datetime, str], list[MentionRecord]] = {}
    for source, found in records.items():
        for record in found:
            said = record.published_at or now
            seen = max(min(said + timedelta(minutes=2), now), now - timedelta(hours=4))
            looks.setdefault((seen if not record.external_id.startswith("extra") else now, source), []).append(record)
    for (seen, source), found in sorted(looks.items(), key=lambda look: look[0]):
        commit_page(store, _commit(source, tuple(found), seen))
        while route_pending(store, SETTINGS, seen):
            pass
    for source, *_rest in SOURCES:
        commit_page(store, _commit(source, (), now))
        record_success(store, source, now=now)


def customer_writes(
    store: Store, text: str, *, thread: int = 0, author: str = "Eva de Boer", media: tuple[MediaRecord, ...] = ()
) -> None:
    """The customer of a topic of the forum writes once more, now."""
    now = store.clock()
    record = posted(
        "forum",
        f"again-{now.timestamp()}",
        "answer",
        author,
        text,
        now,
        direction="inbound",
        thread_key=f"forum:{thread}",
        media=media,
    )
    commit_page(store, _commit("forum", (record,), now))
    while route_pending(store, SETTINGS, now):
        pass


def break_source(store: Store, now: datetime) -> None:
    """One source goes dark."""
    record_trouble(
        store,
        "reviews",
        health="login",
        health_text="The token was revoked (401).",
        error_class="AuthDead",
        now=now,
    )


def _commit(source: str, found: tuple[MentionRecord, ...], now: datetime) -> PageCommit:
    week = timedelta(days=7)
    gaps: tuple[GapRecord, ...] = ()
    if source == "mastodon":
        gaps = (
            GapRecord(Span(now - timedelta(days=3), now - timedelta(days=2, hours=14)), "budget", "page budget used"),
        )
    return PageCommit(
        timezone=SETTINGS.timezone,
        source_id=source,
        query_id="northwind",
        fetched_at=now,
        mentions=found,
        covered=Span(now - (week if source != "mastodon" else timedelta(days=2, hours=14)), now),
        gaps=gaps,
    )


def _author(platform: str, name: str, author_id: str | None = None) -> AuthorRecord:
    handle = (author_id or name).lower().replace(" ", "_") or "anon"
    followers = 90 + len(name) * 7
    return AuthorRecord(
        handle, platform, handle=handle, name=name or None, followers=followers, is_staff=name == "Northwind Webcare"
    )


def posted(  # noqa: PLR0917 - the columns of the table above
    source: str, external_id: str, kind: str, author: str, text: str, at: datetime, **more: Any
) -> MentionRecord:
    platform = {"forum": "discourse", "mastodon": "mastodon", "reviews": "files", "news": "feeds"}[source]
    rating = more.pop("rating", None)
    author_id = more.pop("author_id", None)
    if author == "Eva de Boer":
        author_id = "eva"
    return MentionRecord(
        external_id=external_id,
        namespace=platform,
        platform=platform,
        kind=kind,
        text=text,
        content_hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(),
        dup_hash=int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big"),
        url=f"https://{source}.example/t/{external_id}",
        published_at=at,
        author=_author(platform, author, author_id),
        brand_ids=("northwind",),
        rating=rating,
        rating_raw=None if rating is None else rating * 5,
        rating_scale=None if rating is None else 5,
        lang=more.pop("lang", "nl"),
        capabilities=_ABLE[source],
        **more,
    )
