"""What no description can say: a request bent below its own form. Long, as it is a list."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

from reliability.fuzz.sent import Sent

Bend = Callable[[Sent, Random], Sent]

_KINDS = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "application/json;;;=",
    "application/vnd.api+json",
    "APPLICATION/JSON",
    "json",
    "",
    "\x7f/\xff",
)
_METHODS = (
    "HEAD OPTIONS TRACE CONNECT PROPFIND FOO get Post PURGE M-SEARCH __class__ " + "X" * 300
).split()
_VALUES = (
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "9" * 400,
    "-" + "9" * 19,
    "1." + "0" * 5000 + "1",
    "[" * 40 + "]" * 40,
    '{"a":' * 40 + "1" + "}" * 40,
    "[" * 60_000,
    '"' + "\\u0041" * 5000 + '"',
    '"' + "é" * 20_000 + '"',
    '"\\uFFFE\\uFEFF\\u202E"',
    "true",
    "null",
    "[]",
    "{}",
    "0",
    '""',
)
_PIECES = (
    "%00",
    "%2e%2e%2f",
    "..%5c",
    "%252e%252e/",
    "../",
    "./",
    "//",
    "%2F",
    ";a=b",
    "%c0%af",
    "%ff%fe",
    "%ed%a0%80",
    "%0d%0aX-Evil:%201",
    "%",
    "%zz",
    "%E2%80%AE",
    "~",
    "*",
    "'\"<script>",
    "%7B%7B7*7%7D%7D",
    "a" * 9000,
    "/",
    ".json",
    "%20",
)
_QUERIES = (
    "a",
    "=",
    "&&&&",
    "a[]=1&a[]=2",
    "a[b][c]=1",
    "%00=%00",
    "%ff=%ff",
    "%ed%a0%80",
    "access_token=x",
    "grant_type=password&grant_type=refresh_token",
    "page=99999999999999999999&per_page=-1",
    "page=1e3&per_page=NaN",
    "limit=-1&offset=99999999999999999999",
    "offset=9223372036854775807&limit=9223372036854775807",
    "select=*,*,((((",
    "order=id.asc.desc,,nulls",
    "id=eq.&id=in.(&id=not.not.eq.1",
    "id=in.(" + ",".join(map(str, range(400))) + ")",
    "or=(and(or(and(id.eq.1",
    "title=like.%25%25%00",
    "created_at=gt.99999-99-99",
    "redirect_to=javascript:alert(1)&redirect_to=//evil.example",
    "token=" + "a" * 8000,
    "&".join(f"p{n}=1" for n in range(1500)),
    "x=" + "9" * 7000,
    "type=%00&token=%00&email=%00",
)
_HEADERS = (
    ("Authorization", "Bearer"),
    ("Authorization", "bearer  x y"),
    ("Authorization", "Basic Og=="),
    ("Authorization", "Bearer " + "a." * 5000 + "b"),
    ("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
    ("Authorization", "Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6IlwwIn0.e30.AAAA"),
    ("Authorization", "Bearer \xff\xfe"),
    ("Authorization", "Bearer a,Bearer b"),
    ("apikey", "\xff\x00"),
    ("apikey", "a,b"),
    ("apikey", "x" * 20_000),
    ("Idempotency-Key", '"'),
    ("Idempotency-Key", "x" * 9000),
    ("Idempotency-Key", '"\\\\\\""'),
    ("Idempotency-Key", "\xe9"),
    ("Content-Length", "abc"),
    ("Content-Length", "-1"),
    ("Content-Length", "0"),
    ("Content-Length", ""),
    ("Content-Length", "99999999999999999999"),
    ("Content-Encoding", "gzip"),
    ("Transfer-Encoding", "chunked"),
    ("Expect", "100-continue"),
    ("Range", "bytes=0-1"),
    ("Range", "99999999999999999999-"),
    ("Range-Unit", "bananas"),
    ("Range", "5-1"),
    ("Prefer", "return=;count=,resolution"),
    ("Prefer", "count=exact,count=planned,handling=strict,tx=rollback,max-affected=x"),
    ("Accept", "application/vnd.pgrst.object+json;nulls=stripped"),
    ("Accept", "text/html"),
    ("Accept", "*/*;q=x,,;"),
    ("Accept-Language", "x" * 9000),
    ("Accept-Encoding", "zzz"),
    ("Origin", "null"),
    ("Origin", "https://evil.example"),
    ("Origin", "\xff"),
    ("Access-Control-Request-Method", "\x7f"),
    ("Cookie", "lingauth-flow-acme=; =;;;\xff=\xfe"),
    ("Cookie", "lingauth-flow-acme=" + "a" * 9000),
    ("Referer", "http://[::1"),
    ("Referer", "javascript:\xff"),
    ("User-Agent", "\x01\x02\x7f\xff" + "a" * 9000),
    ("X-Forwarded-For", "not-an-address, \xff"),
    ("X-Forwarded-Proto", "https,http"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Request-Id", "\xff" * 100),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Supabase-Api-Version", "9999-99-99"),
    ("If-None-Match", '"\xff'),
    ("If-Modified-Since", "yesterday"),
    ("Content-Profile", "pg_catalog"),
    ("Accept-Profile", "pg_catalog"),
)


def bent(sent: Sent, dice: Random) -> Sent:
    """The request, bent once to three times."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        sent = dice.choice(_BENDS)(sent, dice)
    return sent


def _kind(sent: Sent, dice: Random) -> Sent:
    return sent.with_header("Content-Type", dice.choice(_KINDS))


def _method(sent: Sent, dice: Random) -> Sent:
    return replace(sent, method=dice.choice(_METHODS))


def _header(sent: Sent, dice: Random) -> Sent:
    name, value = dice.choice(_HEADERS)
    if dice.random() < 0.3:  # beside the one that is there
        return replace(sent, headers=(*sent.headers, (name, value)))
    return sent.with_header(name, value)


def _path(sent: Sent, dice: Random) -> Sent:
    path, mark, query = sent.target.partition("?")
    piece, at = dice.choice(_PIECES), dice.randrange(1, len(path) + 1)
    if dice.random() < 0.6:  # in the place of a part, or behind the last
        parts = path.split("/")
        parts[dice.randrange(max(1, len(parts) - 2), len(parts))] += piece
        path = "/".join(parts)
    else:
        path = path[:at] + piece + path[at:]
    return replace(sent, target=path + mark + query)


def _query(sent: Sent, dice: Random) -> Sent:
    path, _, query = sent.target.partition("?")
    more = dice.choice(_QUERIES)
    return replace(sent, target=f"{path}?{query}&{more}" if query else f"{path}?{more}")


def _value(sent: Sent, dice: Random) -> Sent:
    """One member of the JSON, or all of it, is something else."""
    text = dice.choice(_VALUES)
    try:
        members = json.loads(sent.body)
    except (ValueError, RecursionError):  # bent before
        members = None
    if isinstance(members, dict) and members and dice.random() < 0.8:
        name = dice.choice(sorted(members))
        others = json.dumps({k: v for k, v in members.items() if k != name})[1:-1]
        text = f"{{{json.dumps(name)}: {text}{', ' if others else ''}{others}}}"
    return replace(sent, body=text.encode()).with_header("Content-Type", "application/json")


def _body(sent: Sent, dice: Random) -> Sent:
    """Bytes that are no JSON any more, or more than may be."""
    raw = sent.body or b'{"email": "ada@example.com"}'
    choices = (
        lambda: raw[: dice.randrange(len(raw))],
        lambda: raw + raw,
        lambda: b"\xef\xbb\xbf" + raw,
        lambda: raw.decode("utf-8", "replace").encode("utf-16"),
        lambda: raw.replace(b'"', b"\xff", 1),
        lambda: raw.replace(b"{", b'{"a": 1, "a": 2, ', 1),
        lambda: raw.replace(b'"', b"'"),
        lambda: gzip.compress(raw),
        lambda: b" " * 66_000 + raw,
        lambda: b'{"email": "' + b"a" * 70_000 + b'"}',
        lambda: b'{"title": "' + b"a" * 1_100_000 + b'"}',
        lambda: b"\x00" * 100,
        lambda: b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
        lambda: b"a=1&" * 2000,
        lambda: b"state=%00&code=%ff&error=" + b"a" * 500,
    )
    return replace(sent, body=dice.choice(choices)())


_BENDS: tuple[Bend, ...] = (_kind, _method, _header, _header, _path, _query, _value, _value, _body)
