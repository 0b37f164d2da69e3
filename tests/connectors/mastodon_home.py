"""What an instance tells of itself and of an app, whole: every field that Mastodon's contract asks for."""

from __future__ import annotations

from connectors.items import Json


def about(host: str, longest: int) -> dict[str, Json]:
    """The instance itself; `longest` of a post, in characters."""
    site = f"https://{host}"
    return {
        "domain": host,
        "title": "Sociaal",
        "version": "4.5.0",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "",
        "usage": {"users": {"active_month": 12}},
        "thumbnail": {"url": f"{site}/thumbnail.png", "blurhash": None, "versions": {}},
        "icon": [],
        "languages": ["nl"],
        "configuration": {
            "urls": {"streaming": f"wss://{host}", "status": None},
            "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
            "statuses": {"max_characters": longest, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            "media_attachments": {
                "supported_mime_types": ["image/png"],
                "image_size_limit": 16_777_216,
                "image_matrix_limit": 33_177_600,
                "video_size_limit": 103_809_024,
                "video_frame_rate_limit": 120,
                "video_matrix_limit": 8_294_400,
            },
            "polls": {
                "max_options": 4,
                "max_characters_per_option": 50,
                "min_expiration": 300,
                "max_expiration": 2_629_746,
            },
            "translation": {"enabled": False},
        },
        "registrations": {"enabled": False, "approval_required": False, "message": None, "url": None},
        "api_versions": {"mastodon": 7},
        "contact": {"email": f"beheer@{host}", "account": None},
        "rules": [],
    }


def oauth(host: str, scopes: list[str]) -> dict[str, Json]:
    """What the instance tells of its logins (4.3 and later)."""
    site = f"https://{host}"
    known: list[Json] = [*scopes]
    return {
        "issuer": f"{site}/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": f"{site}/oauth/authorize",
        "token_endpoint": f"{site}/oauth/token",
        "app_registration_endpoint": f"{site}/api/v1/apps",
        "revocation_endpoint": f"{site}/oauth/revoke",
        "userinfo_endpoint": f"{site}/oauth/userinfo",
        "scopes_supported": known,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }


def app(redirect: str, scopes: str) -> dict[str, Json]:
    """An app, without what only its owner sees."""
    return {
        "id": "1",
        "name": "Klankbord",
        "website": None,
        "scopes": [*scopes.split()],
        "redirect_uri": redirect,
        "redirect_uris": [redirect],
        "vapid_key": "a-key",
    }
