"""The helpers that are meant for other projects' tests."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lingauth.api.authentication import BackendJWTAuthentication
from lingauth.api.permissions import RequireAAL2
from lingauth.api.principal import Principal
from lingauth.core.errors import NotFound
from lingauth.models import Backend
from lingauth.services import accounts, backends
from lingauth.services.context import Actor, ClientInfo
from lingauth.testing import sign_in


class Payments(APIView):
    authentication_classes = (BackendJWTAuthentication,)
    permission_classes = (RequireAAL2,)

    def get(self, request: Request) -> Response:
        assert isinstance(request.auth, Principal)
        return Response({"account": str(request.auth.account_id)})


@pytest.fixture
def backend(transactional_db: None) -> Backend:
    made = backends.create_backend(
        ref="acme", name="Acme", auto_confirm=True, actor=Actor.system("tests")
    )
    accounts.sign_up(
        backend=made.backend,
        email="ada@example.com",
        password="correct horse battery",
        client=ClientInfo(),
    )
    return made.backend


def test_a_person_is_refused_until_they_verified(backend: Backend, rf: RequestFactory) -> None:
    person = sign_in(backend, "Ada@example.com")
    view = Payments.as_view()
    assert view(rf.get("/", headers=person.headers)).status_code == 403
    person.verify()
    answer = view(rf.get("/", headers=person.headers))
    assert answer.data == {"account": str(person.grant.account.uuid)}


def test_an_unknown_address_is_named(backend: Backend) -> None:
    with pytest.raises(NotFound, match="bob@example.com"):
        sign_in(backend, "bob@example.com")
