"""The name of a flow on its way: what it leads back to, and who goes on with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lingauth.core.errors import DomainError, ValidationFailed
from lingauth.models import Backend, Flow, Provider
from lingauth.services import flows
from lingauth.services.social import authorize, browser
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import owner
from tests.lingauth.services.social.returning import COOKIE, Corp
from tests.support.people import new_backend

pytestmark = pytest.mark.django_db


def test_its_name_leads_back_to_it(there: Corp) -> None:
    bob = owner(there.backend)
    flow = there.set_out(link_to=bob.me())
    found = authorize.by_state(there.backend, authorize.state_of(flow))
    assert found == flow
    assert found is not None
    assert found.backend is there.backend
    assert "link_to" in found._state.fields_cache


def test_any_other_name_leads_nowhere(there: Corp) -> None:
    flow = there.set_out()
    state = authorize.state_of(flow)
    flow_id, _, secret = state.partition(".")
    other = new_backend("other").backend
    assert authorize.by_state(other, state) is None
    for name in (
        None, 5, "", flow_id, f"{flow_id}.{'a' * 22}", f"{flow_id}.{secret}x",
        f"{flow_id}.{secret[1:]}",
        f"{uuid4()}.{secret}", f"{'-' * 36}.{secret}", f"{state}\n", f" {state}",
    ):  # fmt: skip
        assert authorize.by_state(there.backend, name) is None, name
    Flow.objects.update(private=None)
    assert authorize.by_state(there.backend, state) is None
    Flow.objects.update(private=flows.seal(flow.pk, {"state": 5}))
    assert authorize.by_state(there.backend, state) is None


def refused_to(act: Any) -> None:
    with pytest.raises(DomainError) as refused:
        act()
    assert (refused.value.code, refused.value.status) == ("flow_state_not_found", 404)
    assert refused.value.message == "invalid flow state, no valid flow state found"


def test_a_browser_picks_up_what_an_app_began(there: Corp, moved: Clock) -> None:
    flow = there.set_out(link_to=owner(there.backend).me())
    ticket = authorize.state_of(flow)
    mine, other = (browser.digest(there.backend, cookie) for cookie in (COOKIE, "y" * 43))

    def pick_up(digest: str = mine, backend: Backend = there.backend) -> str:
        return authorize.pick_up(backend=backend, ticket=ticket, browser_digest=digest)

    assert pick_up() == authorize.departure(flow, there.provider)
    assert Flow.objects.get().browser_digest == mine
    assert pick_up()
    refused_to(lambda: pick_up(other))
    assert Flow.objects.get().browser_digest == mine
    Provider.objects.update(is_enabled=False)
    with pytest.raises(ValidationFailed):
        pick_up()
    Provider.objects.update(is_enabled=True)
    moved.shift(timedelta(minutes=10) - timedelta(seconds=1))
    assert pick_up()
    moved.shift(1)
    refused_to(pick_up)


def test_only_a_flow_that_adds_an_identity_is_picked_up(there: Corp) -> None:
    state = authorize.state_of(there.set_out())
    refused_to(lambda: authorize.by_ticket(there.backend, state))
    refused_to(lambda: authorize.by_ticket(there.backend, None))
