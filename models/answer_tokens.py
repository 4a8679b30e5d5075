"""Which token lets who was called say once that they have answered? Made from a key, so that it is stored nowhere (B8)."""

import base64
import hashlib
import hmac
import re

from models.audit import audit_key

TOKEN = re.compile(r"\bACK-([0-9A-HJKMNP-TV-Z]{26})\b")
"""As it stands in a subject or a link; 130 bits in Crockford's base 32."""
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def answer_token(engagement: str, incident: str, person_ref: str) -> str:
    """The token of one person in one incident; nobody without the key can make it."""
    digest = _keyed("\n".join(("ack", engagement, incident, person_ref)))
    return f"ACK-{base64.b32encode(digest)[:26].decode().translate(_CROCKFORD)}"


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return _keyed(f"ack-hash\n{token}").hex()


def without_tokens(text: str) -> str:
    """A text that may be kept: what could be used once more is taken out."""
    return TOKEN.sub("ACK-…", text)


def _keyed(text: str) -> bytes:
    return hmac.new(audit_key(), text.encode(), hashlib.sha256).digest()
