"""Which single-use code belongs to which invitation? Made from a key, so that it is stored nowhere."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence

from models.audit import audit_key

_LOOKALIKE = str.maketrans("OIL", "011")
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def survey_code(engagement: str, period: str, person_ref: str) -> str:
    """The code for one person in one wave: 13 characters of Crockford base 32 (65 bits)."""
    digest = _keyed(f"svy:{engagement}:{period}:{person_ref}")
    return base64.b32encode(digest)[:13].decode().translate(_CROCKFORD)


def code_hash(code: str) -> str:
    """What the database keeps of a code; letters in any case, dashes and spaces do not matter."""
    return code_hasher()(code)


def code_hasher() -> Callable[[str], str]:
    """`code_hash` for many codes: the key is read once."""
    key = audit_key()

    def hashed(code: str) -> str:
        plain = code.upper().replace("-", "").replace(" ", "").translate(_LOOKALIKE)
        return hmac.new(key, f"svy-hash:{plain}".encode(), hashlib.sha256).hexdigest()

    return hashed


def case_ref(engagement: str, period: str, person_ref: str) -> str:
    """What a respondent is called on a call list: 8 characters that open nothing and name nobody."""
    digest = _keyed(f"svy-case:{engagement}:{period}:{person_ref}")
    return base64.b32encode(digest)[:8].decode().translate(_CROCKFORD)


def batch_of_codes(codes: Sequence[str]) -> str:
    """What a batch of sheets without a file is known by."""
    return _keyed("svy-batch:" + " ".join(sorted(code_hash(code) for code in codes))).hex()


def _keyed(text: str) -> bytes:
    return hmac.new(audit_key(), text.encode(), hashlib.sha256).digest()
