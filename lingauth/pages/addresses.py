"""Addresses: where to go next, and which of them are ours."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from lingauth.core.places import parse

MAX_LENGTH = 2000
_CONFUSING = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(value: object) -> str:
    """``value`` if it is a path on this very site, else an empty string.

    Refused are other hosts and schemes, ``//host``, backslashes (browsers read them as slashes),
    and control characters (browsers drop them, so that what follows would count).
    """
    if not isinstance(value, str) or not value.startswith("/") or len(value) > MAX_LENGTH:
        return ""
    if value.startswith("//") or _CONFUSING.search(value):
        return ""
    return value if url_has_allowed_host_and_scheme(value, allowed_hosts=None) else ""


def carry(return_to: str) -> str:
    """The query that takes ``return_to`` along to the next step; empty if there is none."""
    return f"?{urlencode({'return_to': return_to})}" if return_to else ""


def page(name: str, ref: str, **kwargs: Any) -> str:
    """The address of one of our pages."""
    return reverse(f"lingauth_pages:{name}", kwargs={"ref": ref, **kwargs})


def beyond(path: str, ref: str) -> str:
    """The root of the pages only leads on: to where somebody was going when they set out."""
    own, _, query = path.partition("?")
    return local_path(QueryDict(query).get("return_to")) if own == page("home", ref) else path


def go(address: str) -> HttpResponse:
    """303: look at the next page with a GET, whatever brought you here (RFC 9110 15.4.4)."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response


def leave(address: str) -> HttpResponse:
    """303 to an address that was judged before: of another site, or of an app with a scheme of its
    own, which Django's redirects refuse."""
    return HttpResponse(status=303, headers={"Location": address})


def host_of(url: str) -> str:
    """What people know the address of an app by."""
    place = parse(url)
    return (place.host or place.scheme) if place is not None else url
