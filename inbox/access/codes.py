"""Codes of the second factor: six figures from an authenticator (TOTP, RFC 6238), and recovery codes. Pure.

The step is 30 seconds and the hash SHA-1, because that is what every authenticator app knows (RFC 6238, and the key URI
format they read). A code of the step before or after is taken too, for clocks that are a little off.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_S = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_RECOVERY_BYTES = 10
_GROUP = 4
_MISREAD = str.maketrans("018", "OIB")
"""Figures that base32 does not have, and the letters they are mistaken for."""


def new_secret() -> str:
    """A fresh secret in base32, 160 bits as RFC 4226 asks for."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def grouped(secret: str) -> str:
    """A secret in groups of four, for typing it over."""
    return " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))


def key_uri(secret: str, *, account: str, issuer: str) -> str:
    """What the QR code says: an `otpauth://` URI."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_at(now: datetime) -> int:
    """The number of the time step an instant is in."""
    return int(now.timestamp()) // STEP_S


def code_of(secret: str, step: int) -> str:
    """The code of a time step."""
    return pyotp.TOTP(secret).generate_otp(step)


def matching_step(secret: str, code: str, *, now: datetime, used: int | None) -> int | None:
    """The time step a code belongs to, if it may still be used; else None.

    Args:
        secret: base32.
        code: as typed; blanks are ignored.
        now: aware UTC.
        used: the last step a code of which was used; that one and earlier ones are used up.
    """
    clean = "".join(code.split())
    if len(clean) != pyotp.TOTP(secret).digits or not clean.isascii() or not clean.isdigit():
        return None
    here = step_at(now)
    found = None
    for step in range(here - DRIFT_STEPS, here + DRIFT_STEPS + 1):
        # All are compared, so that time tells nothing.
        if hmac.compare_digest(code_of(secret, step), clean) and (used is None or step > used):
            found = step
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 random bits, in groups of four."""
    raw = (base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(one[at : at + _GROUP] for at in range(0, len(one), _GROUP)) for one in raw)


def recovery_digest(code: str, user_id: int) -> bytes:
    """What is kept of a recovery code. Case, blanks and dashes do not matter, nor 0, 1 and 8 for O, I and B."""
    clean = "".join(sign for sign in code.upper().translate(_MISREAD) if sign.isalnum())
    return hashlib.sha256(f"{user_id}\n{clean}".encode()).digest()


def looks_like_recovery(code: str) -> bool:
    """Whether somebody typed a recovery code rather than six figures."""
    return len("".join(sign for sign in code if sign.isalnum())) == _RECOVERY_BYTES * 8 // 5
