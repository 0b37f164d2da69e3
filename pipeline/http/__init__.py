"""Manners towards other people's servers: the one polite HTTP client and what keeps it polite.

Start at `client.PoliteClient`. `guard` decides which addresses may be reached, `limits` when a host may be asked
again, `body` how much of an answer is read, `validators` how an unchanged answer is recognised, `redact` what
may be shown of a URL or a sentence.
"""

from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings
from pipeline.http.validators import validator_of, validator_url

__all__ = ["ClientSettings", "PoliteClient", "validator_of", "validator_url"]
