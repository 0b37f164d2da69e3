"""Of people who sign in, and of their mail."""

from __future__ import annotations

from store.indexes.shape import Index

ACCESS: tuple[Index, ...] = (
    Index(
        "ix_user_session_user",
        "user_session",
        ("user_id", "seen_at"),
        ("store.accounts.sessions_of",),
        "the browsers in which somebody is signed in",
    ),
    Index(
        "ix_recovery_code_user",
        "recovery_code",
        ("user_id",),
        ("store.accounts.recovery_codes_left",),
        "recovery codes of somebody",
    ),
    Index(
        "ix_user_account_oidc",
        "user_account",
        ("oidc_issuer", "oidc_subject"),
        ("store.accounts.account_at_provider",),
        "one account per identity at a provider, also when somebody comes in twice at once",
        where="oidc_subject IS NOT NULL",
        unique=True,
    ),
    Index(
        "ix_outgoing_mail_state",
        "outgoing_mail",
        ("state", "not_before", "id"),
        ("store.mail.anything_to_do", "store.mail.take", "store.mail.waiting", "store.mail.give_up_lost"),
        "what is due among all that was sent",
    ),
    Index(
        "ix_specialist_link_conversation",
        "specialist_link",
        ("conversation_id", "id"),
        ("store.specialists.questions_of",),
        "the questions about one conversation",
    ),
    Index(
        "ix_outgoing_mail_conversation",
        "outgoing_mail",
        ("conversation_id", "id"),
        ("store.mail.of_conversations",),
        "mails that quote a conversation, when somebody in it is erased",
        where="conversation_id IS NOT NULL",
    ),
)
