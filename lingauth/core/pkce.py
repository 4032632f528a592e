"""Proof Key for Code Exchange (RFC 7636): what an app commits to when it begins a flow."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from lingauth.core.errors import ValidationFailed

_TEXT = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Pkce:
    """A challenge; ``method`` is ``s256`` or ``plain``."""

    challenge: str
    method: str

    @classmethod
    def parse(cls, challenge: object, method: object) -> Pkce | None:
        """What a request carried: None for neither. Raises ValidationFailed for one without the
        other, and for values that are none (RFC 7636 section 4.2)."""
        if challenge in (None, "") and method in (None, ""):
            return None
        if challenge in (None, "") or method in (None, ""):
            raise ValidationFailed(
                "PKCE flow requires code_challenge_method and code_challenge to both be given."
            )
        if not isinstance(challenge, str) or not _TEXT.fullmatch(challenge):
            raise ValidationFailed(
                "code_challenge has to be 43 to 128 letters, digits, '-', '.', '_' and '~'."
            )
        if not isinstance(method, str) or method.lower() not in ("s256", "plain"):
            raise ValidationFailed("code_challenge_method is s256 or plain.")
        return cls(challenge, method.lower())

    def matches(self, verifier: object) -> bool:
        """Whether the challenge was made from this verifier. Takes the same time for every one."""
        if not isinstance(verifier, str) or not _TEXT.fullmatch(verifier):
            return False
        made = verifier if self.method == "plain" else s256(verifier)
        return hmac.compare_digest(made.encode(), self.challenge.encode())


def new_verifier() -> str:
    """A fresh verifier of 43 characters, 256 bits."""
    return token_urlsafe(32)


def s256(verifier: str) -> str:
    """The challenge of a verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).removesuffix(b"=").decode()
