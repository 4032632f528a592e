"""Rows of several people at two backends."""

from __future__ import annotations

import pytest

from tests.lingauth.data import people
from tests.lingauth.data.rows import World


@pytest.fixture
def world() -> World:
    acme, other = people.backend("acme"), people.backend("other")
    ann, bob, eve = (
        people.account(at, name) for at, name in ((acme, "ann"), (acme, "bob"), (other, "eve"))
    )
    for who in (ann, bob, eve):
        name = who.email.partition("@")[0]
        people.note(who, f"{name} public", public=True)
        people.note(who, f"{name} private")
    return World(acme, other, ann, bob, eve)
