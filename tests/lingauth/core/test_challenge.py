"""Challenge ids that carry their own end."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from lingauth.core import challenge

KEY = b"k" * 32
BINDINGS = st.binary(max_size=60)
ENDS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
TICK = timedelta(microseconds=1)


def test_a_challenge_may_be_answered_for_five_minutes() -> None:
    assert timedelta(seconds=challenge.LIFE) == timedelta(minutes=5)


@given(bound=BINDINGS, ends=ENDS)
def test_it_is_open_until_its_end(bound: bytes, ends: datetime) -> None:
    made = challenge.make(KEY, bound_to=bound, expires_at=ends)
    assert challenge.is_open(made, KEY, bound_to=bound, now=ends - TICK)
    assert not challenge.is_open(made, KEY, bound_to=bound, now=ends)


@given(bound=BINDINGS, ends=ENDS)
def test_it_is_a_uuid_like_any_other(bound: bytes, ends: datetime) -> None:
    made = challenge.make(KEY, bound_to=bound, expires_at=ends)
    assert made.version == 8
    assert made.variant == "specified in RFC 4122"
    assert UUID(str(made)) == made


@given(bound=BINDINGS, ends=ENDS)
def test_all_but_its_shape_is_its_end_and_its_mac(bound: bytes, ends: datetime) -> None:
    """Ninety of the MAC's bits are there: six of 96 give way to version and variant."""
    end = int(ends.timestamp()).to_bytes(4, "big")
    mac = hmac.new(KEY, end + bound, "sha256").digest()[:12]
    version, variant = 0b1111 << 76, 0b11 << 62
    made = challenge.make(KEY, bound_to=bound, expires_at=ends)
    assert (made.int ^ int.from_bytes(end + mac, "big")) & ~(version | variant) == 0


@given(bound=BINDINGS, other=BINDINGS, ends=ENDS)
def test_it_fits_what_it_was_made_for_alone(bound: bytes, other: bytes, ends: datetime) -> None:
    assume(bound != other)
    made = challenge.make(KEY, bound_to=bound, expires_at=ends)
    assert not challenge.is_open(made, KEY, bound_to=other, now=ends - TICK)
    assert not challenge.is_open(made, b"x" * 32, bound_to=bound, now=ends - TICK)


@given(bound=BINDINGS, ends=ENDS, bit=st.integers(0, 127))
def test_no_bit_of_it_can_be_changed(bound: bytes, ends: datetime, bit: int) -> None:
    """Not even those that say when it ends."""
    made = challenge.make(KEY, bound_to=bound, expires_at=ends)
    changed = UUID(int=made.int ^ (1 << bit))
    now = min(ends, datetime(2036, 1, 1, tzinfo=UTC)) - TICK
    assert not challenge.is_open(changed, KEY, bound_to=bound, now=now)


@given(any_id=st.uuids(allow_nil=True), bound=BINDINGS)
def test_any_other_uuid_is_closed(any_id: UUID, bound: bytes) -> None:
    assert not challenge.is_open(any_id, KEY, bound_to=bound, now=datetime(1971, 1, 1, tzinfo=UTC))
