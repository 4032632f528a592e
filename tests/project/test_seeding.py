"""The demo's data: made once, kept afterwards."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from lingauth.models import Account, Backend, Operator
from lingauth.services import operators
from lingauth.services.context import ClientInfo
from project import seeding
from project.demo.models import Note

pytestmark = pytest.mark.django_db
CLIENT = ClientInfo()


def seed_demo() -> str:
    printed = StringIO()
    call_command("seed_demo", stdout=printed)
    return printed.getvalue()


def test_everybody_gets_in_with_what_was_printed(client: Client) -> None:
    made = seeding.seed()
    assert operators.sign_in(
        email="operator@example.com", password=str(made.operator_password), client=CLIENT
    )
    assert set(made.passwords) == {"ada@example.com", "grace@example.com"}
    for email, password in made.passwords.items():
        answer = client.post(
            "/b/demo/auth/v1/token?grant_type=password",
            {"email": email, "password": password},
            content_type="application/json",
        )
        assert answer.status_code == 200


def test_it_makes_public_and_private_notes_of_both() -> None:
    seeding.seed()
    for account in Account.objects.all():
        kinds = set(Note.objects.filter(owner=account).values_list("is_public", flat=True))
        assert kinds == {True, False}


def test_a_second_time_it_makes_and_changes_nothing() -> None:
    first = seeding.seed()
    Note.objects.all().delete()
    again = seeding.seed()
    assert not again.is_new
    assert Backend.objects.count() == Operator.objects.count() == 1
    assert Account.objects.count() == 2
    assert not Note.objects.exists()
    assert operators.sign_in(
        email="operator@example.com", password=str(first.operator_password), client=CLIENT
    )


def test_passwords_are_printed_once() -> None:
    first, second = seed_demo(), seed_demo()
    assert "shown this once" in first
    assert "--reset" in second
    lines = {line.split()[-1] for line in first.splitlines() if "@example.com " in line}
    assert len(lines) == 3
    for password in lines:
        assert password not in second


def test_what_it_prints_can_be_found_by_eye_and_by_program() -> None:
    printed = seed_demo()
    assert "http://127.0.0.1:8000/backends" in printed
    assert "http://127.0.0.1:8000/b/demo/sign-in" in printed
    assert "http://127.0.0.1:8000/b/demo/docs" in printed
    assert "'http://127.0.0.1:8000/b/demo/rest/v1/notes?select=id,title'" in printed
    assert "lk_service_" not in printed
