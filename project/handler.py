"""Django's WSGI handler, for whatever ``Content-Type`` a request has.

Django reads that header, and with a charset the whole query, before anything of its own that turns
an exception into an answer: the app server would be left with it, and say 500.
"""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """A request in UTF-8, as JSON and forms are (RFC 8259 section 8.1, URL Standard section 5.1):
    no charset is asked which codec of Python's it names. A type that cannot be read is none.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            read = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # a codec that is unknown (RFC 2231), or has a NUL in its name
            meta["CONTENT_TYPE"] = ""
            read = "", {}
        self.content_type, self.content_params = read


class Handler(WSGIHandler):
    """What the app server calls."""

    request_class = Request
