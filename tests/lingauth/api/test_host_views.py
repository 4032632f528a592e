"""A host's own views: who is calling, by DRF's stock settings, and what they are refused with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.base import BaseHandler
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView, exception_handler

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import EnforceBackendPolicy, RequireAAL2
from lingauth.api.principal import Principal
from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.models import Account, Session
from lingauth.services.backends import NewBackend
from tests.lingauth.api.people import Clock, change, create, frozen
from tests.support.people import Person
from tests.support.statements import counted

pytestmark = pytest.mark.django_db

UNKNOWN_TOKEN = {
    "code": "invalid_token",
    "message": "This access token is not valid here, or no longer.",
    "hint": "Refresh the session, or sign in again.",
}
NOBODY = {
    "code": "no_authorization",
    "message": "Send an API key in the apikey header, or sign in.",
}
INVALID = 'Bearer error="invalid_token"'
BELOW = 'Bearer error="insufficient_user_authentication", acr_values="aal2"'


class View(APIView):
    """Answers what it was told of its caller."""

    authentication_classes = (BackendJWTAuthentication,)
    permission_classes: Any = ()
    seen: ClassVar[list[Request]] = []

    def get(self, request: Request, **kwargs: Any) -> Response:
        self.seen.append(request)
        return Response()

    def get_exception_handler(self) -> Any:
        return exception_handler


@pytest.fixture
def moved() -> Iterator[Clock]:
    View.seen.clear()
    with frozen() as moved:
        yield moved


@pytest.fixture
def acme(moved: Clock) -> NewBackend:
    return create("acme")


@pytest.fixture
def person(acme: NewBackend) -> Person:
    return Person.sign_up(acme.backend, "ann@example.com")


def ask(*permissions: Any, ref: str = "", **headers: str) -> Response:
    request = APIRequestFactory().get("/", headers=headers)
    kwargs = {"ref": ref} if ref else {}
    view = View.as_view(permission_classes=permissions)
    answer = BaseHandler().make_view_atomic(view)(request, **kwargs)
    assert isinstance(answer, Response)
    return answer


def caller(**headers: str) -> Request:
    """The request as the view has it."""
    answer = ask(**headers)
    assert answer.status_code == 200, answer.data
    return View.seen[-1]


def refusal(answer: Response) -> tuple[int, Any, str | None]:
    return answer.status_code, answer.data, answer.headers.get("WWW-Authenticate")


def bearer(person: Person) -> str:
    return f"Bearer {person.grant.access_token}"


def principal(**headers: str) -> Principal:
    found = caller(**headers).auth
    assert isinstance(found, Principal)
    return found


def test_a_session_is_its_user_for_one_statement(person: Person, acme: NewBackend) -> None:
    person.enrol()
    ask(authorization=bearer(person))
    with counted() as statements:
        request = caller(authorization=bearer(person))
        assert request.user.pk == person.account.user_id
    assert len([text for text in statements if "SAVEPOINT" not in text]) == 1
    found = request.auth
    assert isinstance(found, Principal)
    assert found.me is not None
    assert found == Principal(
        backend=acme.backend,
        role="authenticated",
        account_id=person.account.uuid,
        session_id=person.session.pk,
        level=Level.AAL2,
        methods=("totp", "password"),
        me=found.me,
    )
    assert "secret" in found.me.session.get_deferred_fields(), "no more is read than is asked"
    assert request.user.get_username() == person.account.user.get_username()


@pytest.mark.parametrize("role", ["anon", "service_role"])
def test_a_bare_key_is_nobody_with_a_role(acme: NewBackend, role: str) -> None:
    key = acme.anon_key if role == "anon" else acme.service_key
    request = caller(apikey=key)
    assert isinstance(request.user, AnonymousUser)
    assert request.auth == Principal(backend=acme.backend, role=role)


def test_a_key_beside_a_token_is_the_session(person: Person, acme: NewBackend) -> None:
    beside = principal(apikey=acme.anon_key, authorization=bearer(person))
    assert beside.session_id == person.session.pk
    repeated = principal(apikey=acme.anon_key, authorization=f"Bearer {acme.anon_key}")
    assert (repeated.role, repeated.me) == ("anon", None)


@pytest.mark.parametrize("ref", ["", "acme"])
def test_without_credentials_nobody_is_there(acme: NewBackend, ref: str) -> None:
    """And no error is told (RFC 6750, 3.1)."""
    assert ask(ref=ref).status_code == 200
    request = View.seen[-1]
    assert isinstance(request.user, AnonymousUser)
    assert request.auth is None
    status, _, challenge = refusal(ask(IsAuthenticated, ref=ref))
    assert (status, challenge) == (401, "Bearer")


def test_a_backend_that_the_address_names_is_the_only_one(person: Person) -> None:
    create("bravo")
    assert ask(ref="acme", authorization=bearer(person)).status_code == 200
    told = refusal(ask(ref="bravo", authorization=bearer(person)))
    assert told == (401, UNKNOWN_TOKEN, INVALID)
    status, body, _ = refusal(ask(ref="unknown", authorization=bearer(person)))
    assert (status, body["code"]) == (404, "not_found")


@pytest.mark.parametrize("beside", ["", "a key"])
@pytest.mark.parametrize("wrong", ["made up", "no bearer", "over", "ended", "banned"])
def test_a_token_that_is_not_good_is_never_taken_for_none(
    person: Person, acme: NewBackend, moved: Clock, wrong: str, beside: str
) -> None:
    headers = {"authorization": bearer(person)} | ({"apikey": acme.anon_key} if beside else {})
    assert ask(**headers).status_code == 200
    match wrong:
        case "made up":
            headers["authorization"] = "Bearer a.b.c"
        case "no bearer":
            headers["authorization"] = "Basic YTpi"
        case "over":
            moved.shift(310)
        case "ended":
            Session.objects.all().end(now=clock.now(), reason="signed_out")
        case "banned":
            Account.objects.update(banned_until=clock.now() + timedelta(days=1))
    for permissions in ((), (EnforceBackendPolicy,), (RequireAAL2,)):
        assert refusal(ask(*permissions, **headers)) == (401, UNKNOWN_TOKEN, INVALID)


def test_other_refusals_are_told_as_they_are(person: Person, acme: NewBackend) -> None:
    status, body, challenge = refusal(ask(apikey="made up"))
    assert (status, body["code"], challenge) == (401, "invalid_api_key", INVALID)
    both = {"apikey": acme.service_key, "authorization": bearer(person)}
    status, body, challenge = refusal(ask(**both))
    assert (status, body["code"]) == (400, "invalid_request")
    assert body["message"] == "Send a service key or a user's token, not both."


def test_the_switch_is_about_sessions(person: Person, acme: NewBackend) -> None:
    assert refusal(ask(EnforceBackendPolicy)) == (401, NOBODY, "Bearer")
    headers = {"authorization": bearer(person)}
    assert ask(EnforceBackendPolicy, **headers).status_code == 200
    change(acme, mfa_mode="required")
    assert ask(EnforceBackendPolicy, apikey=acme.anon_key).status_code == 200
    status, body, challenge = refusal(ask(EnforceBackendPolicy, **headers))
    assert (status, body["code"], challenge) == (403, "mfa_required", BELOW)
    assert body["details"]["next"] == "enroll"
    person.enrol()
    assert ask(EnforceBackendPolicy, authorization=bearer(person)).status_code == 200


def test_a_view_may_always_ask_for_aal2(person: Person, acme: NewBackend, moved: Clock) -> None:
    recent = RequireAAL2(max_age=timedelta(minutes=10))
    assert RequireAAL2().max_age is None
    assert recent() is recent
    for key in (acme.anon_key, acme.service_key):
        assert refusal(ask(RequireAAL2, apikey=key)) == (401, NOBODY, "Bearer")
    assert refusal(ask(RequireAAL2)) == (401, NOBODY, "Bearer")
    for permission in (RequireAAL2, recent):
        status, body, challenge = refusal(ask(permission, authorization=bearer(person)))
        assert (status, body["code"], challenge) == (403, "mfa_required", BELOW)
    person.enrol()
    for seconds, statuses in ((0, (200, 200)), (600, (200, 200)), (601, (200, 403))):
        Session.objects.update(verified_at=clock.now() - timedelta(seconds=seconds))
        told = [
            ask(permission, authorization=bearer(person)).status_code
            for permission in (RequireAAL2, recent)
        ]
        assert tuple(told) == statuses, seconds


def test_a_request_that_no_view_was_called_with_is_read_too(person: Person) -> None:
    """As middleware of a host may."""
    sent = APIRequestFactory().get("/", headers={"authorization": bearer(person)})
    request = Request(sent, authenticators=[BackendJWTAuthentication()])
    assert request.user.pk == person.account.user_id


def test_what_others_have_authenticated_is_nobody_here(moved: Clock) -> None:
    for permission in (EnforceBackendPolicy, RequireAAL2):
        request = Request(APIRequestFactory().get("/"))
        request.auth = "a token of somebody else's making"
        with pytest.raises(Exception, match="no_authorization") as refused:
            permission().has_permission(request, None)
        assert refused.value.status_code == 401  # type: ignore[attr-defined]  # a Refused
