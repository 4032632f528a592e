"""What a request turned out to be about."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.test import RequestFactory

from lingauth.core.errors import DomainError
from lingauth.services import traces
from lingauth.services.traces import About

ANN, SESSION = UUID(int=1), UUID(int=2)


def test_a_request_is_about_nobody_until_it_is_known_whose_it_is(rf: RequestFactory) -> None:
    request = rf.get("/")
    assert traces.about(request) == About(None, None)
    traces.note(request, account_uuid=ANN, session_id=SESSION)
    assert traces.about(request) == About(account_uuid=ANN, session_id=SESSION)
    assert traces.about(rf.get("/")) == About(None, None)
    traces.note(request, account_uuid=ANN, session_id=None)
    assert traces.about(request) == About(account_uuid=ANN)


def test_an_answer_remembers_which_refusal_it_is() -> None:
    answer = HttpResponse()
    assert traces.refusal(answer) == ""
    traces.refuse(answer, DomainError(code="user_banned"))
    assert traces.refusal(answer) == "user_banned"
