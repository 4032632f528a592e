"""Puts real secrets where none belong, to see whether anything says them or writes them down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from reliability.fuzz.sent import Sent

_HEADERS = (
    "Authorization apikey Idempotency-Key Cookie Referer Origin Prefer Accept Range "
    "X-Client-Info X-Forwarded-For X-Request-Id Accept-Language If-None-Match Content-Type"
).split()
"""Not ``User-Agent``: a device is known by it, so it is kept and shown as it is."""


def spiked(sent: Sent, secrets: Sequence[str], dice: Random) -> Sent:
    """The request with one to three secrets in it, whose they may be."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        way = dice.choice((_in_body, _in_body, _in_query, _in_header, _in_path))
        sent = way(sent, dice.choice(secrets), dice)
    return sent


def _in_body(sent: Sent, secret: str, dice: Random) -> Sent:
    try:
        value = json.loads(sent.body)
    except ValueError:
        value = {}
    if not isinstance(value, dict):
        value = {}
    names = [*value, "email", "phone", dice.choice(("code", "type", "token", "x"))]
    _put(value, dice.choice(names), secret, dice)
    body = json.dumps(value).encode()
    return replace(sent, body=body).with_header("Content-Type", "application/json")


def _put(value: dict[str, Any], name: str, secret: str, dice: Random) -> None:
    inner = value.get(name)
    if isinstance(inner, dict) and dice.random() < 0.5:
        inner[secret] = secret
    elif dice.random() < 0.1:
        value[secret] = inner
    elif dice.random() < 0.1:
        value[name] = [secret]
    else:
        value[name] = secret


def _in_query(sent: Sent, secret: str, dice: Random) -> Sent:
    path, _, query = sent.target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    known = [name for name, _ in pairs]
    name = dice.choice([*known, *known, "state", "code", "token", "type", "select", "x", secret])
    pairs = [(k, v) for k, v in pairs if k != name] + [(name, secret)]
    return replace(sent, target=f"{path}?{urlencode(pairs, errors='replace')}")


def _in_header(sent: Sent, secret: str, dice: Random) -> Sent:
    name = dice.choice(_HEADERS)
    shapes = {
        "Authorization": ("Bearer {}", "Basic {}", "{}"),
        "Cookie": ("lingauth-flow-acme={}", "console={}", "{}"),
        "Referer": ("https://app.example.com/cb?token={}", "https://evil.example/{}"),
        "Origin": ("https://{}", "{}"),
    }
    shape = dice.choice(shapes.get(name, ("{}",)))
    return sent.with_header(name, shape.format(secret))


def _in_path(sent: Sent, secret: str, dice: Random) -> Sent:
    path, mark, query = sent.target.partition("?")
    parts = path.split("/")
    if dice.random() < 0.2:
        parts.append("")
    parts[dice.randrange(min(4, len(parts) - 1), len(parts))] = quote(secret, safe="")
    return replace(sent, target="/".join(parts) + mark + query)
