"""The limit program as bare WSGI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import django

django.setup()

from benchmarks.limit import operations  # it reads the signing key

_STATUS = {200: "200 OK", 401: "401 Unauthorized", 403: "403 Forbidden", 429: "429 Too Many"}
_TOKEN, _VERIFY = "/b/bench/auth/v1/token", "/b/bench/auth/v1/mfa/verify"


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]
) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    bearer = environ.get("HTTP_AUTHORIZATION", "")[7:]
    apikey = environ.get("HTTP_APIKEY", "")
    if path == "/host/orders":
        status, answer = operations.orders(bearer)
    elif path == "/b/bench/auth/v1/user":
        status, answer = operations.user(apikey, bearer)
    else:
        body = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        if path == _VERIFY:
            status, answer = operations.verify(apikey, bearer, body)
        elif path == _TOKEN and environ["QUERY_STRING"] == "grant_type=refresh_token":
            status, answer = operations.renew(apikey, body)
        else:
            status, answer = operations.sign_in(apikey, body)
    data = json.dumps(answer, separators=(",", ":")).encode()
    start_response(
        _STATUS[status],
        [("Content-Type", "application/json"), ("Content-Length", str(len(data)))],
    )
    return [data]
