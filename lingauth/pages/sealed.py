"""What a page leaves in the browser for the next one: in a cookie, encrypted, for a short while.

So no address, no history and no row of the database holds it, and the page can be loaded again.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse

from lingauth.conf import settings
from lingauth.core.crypto import DecryptionFailed
from lingauth.pages.addresses import page


@dataclass(frozen=True, slots=True)
class Sealed:
    """One kind of keepsake. ``name`` is its cookie's, ``page`` the only page that is sent it.

    ``bound_to`` says whose it is: given to anybody else, it opens nothing. ``samesite`` is ``Lax``
    where the way there may begin on another site.
    """

    name: str
    page: str
    purpose: str
    life: timedelta
    samesite: Literal["Lax", "Strict"] = "Strict"

    def put(
        self, response: HttpResponse, values: Any, *, ref: str, bound_to: bytes, at: datetime
    ) -> HttpResponse:
        """Leave the values, which JSON can hold."""
        text = json.dumps({"until": (at + self.life).timestamp(), "values": values})
        sealed = settings.keychain.encrypt(self.purpose, text.encode(), bound_to=bound_to)
        value = urlsafe_b64encode(sealed).decode()
        return self._set(response, ref, value, int(self.life.total_seconds()))

    def read(self, request: HttpRequest, *, ref: str, bound_to: bytes, at: datetime) -> Any:
        """The values, or None for anything that is not ours, not theirs, or too old."""
        value = request.COOKIES.get(self._cookie(ref), "")
        try:
            sealed = urlsafe_b64decode(value)
            opened = settings.keychain.decrypt(self.purpose, sealed, bound_to=bound_to)
        except (ValueError, DecryptionFailed):
            return None
        kept = json.loads(opened)
        return kept["values"] if at.timestamp() < kept["until"] else None

    def drop(self, response: HttpResponse, *, ref: str) -> HttpResponse:
        """Take them away: from now on nobody reads them again."""
        return self._set(response, ref, "", 0)

    def _set(self, response: HttpResponse, ref: str, value: str, max_age: int) -> HttpResponse:
        response.set_cookie(
            self._cookie(ref),
            value,
            max_age=max_age,
            path=page(self.page, ref),
            secure=settings.is_https,
            httponly=True,
            samesite=self.samesite,
        )
        return response

    def _cookie(self, ref: str) -> str:
        return f"{'__Secure-' if settings.is_https else ''}lingauth-{self.name}-{ref}"
