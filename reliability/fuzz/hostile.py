"""What no description can say: a request bent below its own form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

from reliability.fuzz import nasty
from reliability.fuzz.sent import Sent

Bend = Callable[[Sent, Random], Sent]


def bent(sent: Sent, dice: Random) -> Sent:
    """The request, bent once to three times."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        sent = dice.choice(_BENDS)(sent, dice)
    return sent


def _kind(sent: Sent, dice: Random) -> Sent:
    return sent.with_header("Content-Type", dice.choice(nasty.KINDS))


def _method(sent: Sent, dice: Random) -> Sent:
    return replace(sent, method=dice.choice(nasty.METHODS))


def _header(sent: Sent, dice: Random) -> Sent:
    name, value = dice.choice(nasty.HEADERS)
    if dice.random() < 0.3:  # beside the one that is there
        return replace(sent, headers=(*sent.headers, (name, value)))
    return sent.with_header(name, value)


def _path(sent: Sent, dice: Random) -> Sent:
    path, mark, query = sent.target.partition("?")
    piece, at = dice.choice(nasty.PIECES), dice.randrange(1, len(path) + 1)
    if dice.random() < 0.6:  # in the place of a part, or behind the last
        parts = path.split("/")
        parts[dice.randrange(max(1, len(parts) - 2), len(parts))] += piece
        path = "/".join(parts)
    else:
        path = path[:at] + piece + path[at:]
    return replace(sent, target=path + mark + query)


def _query(sent: Sent, dice: Random) -> Sent:
    path, _, query = sent.target.partition("?")
    more = dice.choice(nasty.QUERIES)
    return replace(sent, target=f"{path}?{query}&{more}" if query else f"{path}?{more}")


def _value(sent: Sent, dice: Random) -> Sent:
    """One member of the JSON, or all of it, is something else."""
    text = dice.choice(nasty.VALUES)
    try:
        members = json.loads(sent.body)
    except (ValueError, RecursionError):  # bent before
        members = None
    if isinstance(members, dict) and members and dice.random() < 0.8:
        name = dice.choice(sorted(members))
        others = json.dumps({k: v for k, v in members.items() if k != name})[1:-1]
        text = f"{{{json.dumps(name)}: {text}{', ' if others else ''}{others}}}"
    return replace(sent, body=text.encode()).with_header("Content-Type", "application/json")


def _text(sent: Sent, dice: Random) -> Sent:
    """Something that is hard to keep, behind one text of the JSON or the name of a member."""
    try:
        whole = json.loads(sent.body)
    except (ValueError, RecursionError):
        return _body(sent, dice)
    if not isinstance(whole, dict) or not whole:
        return _body(sent, dice)
    members = whole
    name = dice.choice(sorted(members))
    while isinstance(members[name], dict) and members[name]:
        members = members[name]
        name = dice.choice(sorted(members))
    value, end = members.pop(name), dice.choice(nasty.ENDS)
    if isinstance(value, str) and dice.random() < 0.8:
        members[name] = value + end
    else:
        members[name + end] = value
    return replace(sent, body=json.dumps(whole).encode())


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


_BENDS: tuple[Bend, ...] = (
    _kind,
    _method,
    _header,
    _header,
    _path,
    _query,
    _value,
    _value,
    _text,
    _text,
    _text,
    _body,
)
