"""How long a lock lasts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingauth.core import guesses
from lingauth.core.guesses import Rule

ALL = (guesses.TOTP, guesses.RECOVERY, guesses.PASSWORD, guesses.MAIL_CODE)
RULES = st.sampled_from(ALL)


def locks(rule: Rule) -> dict[int, int]:
    """The failures that lock, and for how many minutes."""
    waits = {n: rule.wait_after(n) for n in range(rule.cap + 1)}
    return {n: int(wait / timedelta(minutes=1)) for n, wait in waits.items() if wait}


@pytest.mark.parametrize("rule", [guesses.TOTP, guesses.RECOVERY])
def test_codes(rule: Rule) -> None:
    assert locks(rule) == {5: 15, 10: 30, 15: 60, 20: 60}
    assert rule.cap == 20


@pytest.mark.parametrize("rule", [guesses.PASSWORD, guesses.MAIL_CODE])
def test_passwords_and_codes_by_mail(rule: Rule) -> None:
    assert locks(rule) == {10: 15, 20: 30} | {n * 10: 60 for n in range(3, 11)}
    assert rule.cap == 100


@given(rule=RULES, one=st.integers(1, 500), more=st.integers(0, 500))
def test_waits_never_get_shorter(rule: Rule, one: int, more: int) -> None:
    before, after = rule.wait_after(one), rule.wait_after(one + more)
    if before is not None and after is not None:
        assert after >= before


def test_no_two_kinds_share_a_counter() -> None:
    """By the names that rows have."""
    assert [rule.kind for rule in ALL] == ["totp", "recovery", "password", "mail_code"]
