"""Every route of the auth API, found by walking its addresses: a new one is tested by itself.

But for the steps of a browser, which are no calls of a script: they have other rules.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from django.urls import URLPattern
from django.urls.resolvers import RoutePattern

from lingauth.api import urls
from lingauth.api.base import AuthView
from lingauth.api.browser import BrowserView
from tests.lingauth.api.people import UNKNOWN

METHODS = ("get", "post", "put", "patch", "delete")
PUBLIC = {
    "health", "settings", "jwks", "openid-configuration", "signup", "token", "otp", "magiclink",
    "recover", "resend", "mail-verify",
}  # fmt: skip
"""The routes that ask for nobody. Whatever is added is taken for one that does."""
ADMIN_PREFIX = "admin-"
"""How the names of the routes begin that ask for a service key."""
QUERIES = {"token": tuple(f"?grant_type={kind}" for kind in ("password", "refresh_token", "pkce"))}


class Route(NamedTuple):
    """One method at one address; ``path`` has the names of its ids in angle brackets."""

    name: str
    method: str
    path: str

    @property
    def is_public(self) -> bool:
        return self.name in PUBLIC

    @property
    def is_admin(self) -> bool:
        return self.name.startswith(ADMIN_PREFIX)

    @property
    def takes_an_id(self) -> bool:
        return "<" in self.path

    def at(self, id: str = UNKNOWN) -> str:
        """The address with this id in it, wherever it takes one."""
        return re.sub("<[^>]+>", lambda _: id, self.path)


def _walk() -> list[Route]:
    found = []
    for entry in urls.urlpatterns:
        view = (
            getattr(entry.callback, "view_class", None) if isinstance(entry, URLPattern) else None
        )
        if view is None or not issubclass(view, AuthView) or issubclass(view, BrowserView):
            continue
        assert isinstance(entry.pattern, RoutePattern)
        path = str(entry.pattern).replace("<uuid:", "<").replace("<str:", "<")
        for method in METHODS:
            if hasattr(view, method):
                for query in QUERIES.get(str(entry.name), ("",)):
                    found.append(Route(str(entry.name), method.upper(), path + query))
    return found


ROUTES = _walk()
WRITING = [route for route in ROUTES if route.method != "GET"]
PRIVATE = [route for route in ROUTES if not route.is_public and not route.is_admin]
"""The routes that ask who is signed in."""
ADMIN = [route for route in ROUTES if route.is_admin]
GUARDED = [*PRIVATE, *ADMIN]
"""The routes that look at a bearer."""


def label(route: Route) -> str:
    """A test's name for it."""
    return f"{route.method} {route.path}"
