from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError

from lingauth.models import Backend, Operator, TotpFactor
from lingauth.services import operator_factors, operators
from lingauth.services.context import ClientInfo
from tests.lingauth.commands.conftest import Run
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

ANA = "ana@example.com"
CLIENT = ClientInfo()


@pytest.fixture
def password_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("correct horse battery\nnot this line\n"))


def password_of(printed: str) -> str:
    [line] = [line for line in printed.splitlines() if line.startswith("one-time password")]
    return line.split()[-1]


def test_a_new_operator_signs_in_with_the_printed_password(run: Run, acme: Backend) -> None:
    password = password_of(run("create_operator", ANA, "--backend", "acme", "--role", "owner"))
    assert len(password) >= 16
    user = operators.sign_in(email=ANA, password=password, client=CLIENT)
    assert operators.role_on(user, acme) == "owner"
    assert not user.is_staff
    assert not user.is_superuser


def test_two_passwords_are_never_the_same(run: Run, acme: Backend) -> None:
    made = {
        password_of(run("create_operator", f"o{n}@example.com", "--backend=acme", "--role=viewer"))
        for n in range(5)
    }
    assert len(made) == 5


@pytest.mark.usefixtures("password_in")
def test_a_password_from_standard_input_is_not_printed(run: Run, acme: Backend) -> None:
    printed = run("create_operator", ANA, "--backend=acme", "--role=admin", "--password-stdin")
    assert "password" not in printed
    assert "horse" not in printed
    assert operators.sign_in(email=ANA, password="correct horse battery", client=CLIENT)


def test_a_weak_password_from_standard_input_is_refused(
    run: Run, acme: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("1234\n"))
    with pytest.raises(CommandError, match="too short"):
        run("create_operator", ANA, "--backend=acme", "--role=admin", "--password-stdin")
    assert not get_user_model().objects.exists()


def test_a_second_role_leaves_the_password_alone(run: Run, acme: Backend) -> None:
    password = password_of(run("create_operator", ANA, "--backend=acme", "--role=viewer"))
    printed = run("create_operator", ANA, "--backend=acme", "--role=owner")
    assert "unchanged" in printed
    assert operators.sign_in(email=ANA, password=password, client=CLIENT)
    assert [operator.role for operator in Operator.objects.all()] == ["owner"]


@pytest.mark.usefixtures("password_in")
def test_a_known_operators_password_is_not_replaced_by_the_way(run: Run, acme: Backend) -> None:
    run("create_operator", ANA, "--backend=acme", "--role=viewer")
    with pytest.raises(CommandError, match="add --reset"):
        run("create_operator", ANA, "--backend=acme", "--role=viewer", "--password-stdin")


def test_reset_replaces_password_and_authenticator(run: Run, acme: Backend) -> None:
    old = password_of(run("create_operator", ANA, "--backend=acme", "--role=owner"))
    user = operators.sign_in(email=ANA, password=old, client=CLIENT)
    enrolment = operator_factors.enroll(user)
    operator_factors.confirm(user, code_for(enrolment.secret), CLIENT)

    new = password_of(run("create_operator", ANA, "--backend=acme", "--role=owner", "--reset"))

    assert not TotpFactor.objects.exists()
    assert operators.sign_in(email=ANA, password=new, client=CLIENT) == user
    with pytest.raises(Exception, match="Invalid login credentials"):
        operators.sign_in(email=ANA, password=old, client=CLIENT)


def test_an_unknown_backend_is_said_with_those_there_are(run: Run, acme: Backend) -> None:
    with pytest.raises(CommandError, match="no backend 'acne'. There are: acme"):
        run("create_operator", ANA, "--backend=acne", "--role=owner")


@pytest.mark.parametrize("email", ["", "ana", "ana@", "a\x00@example.com"])
def test_a_bad_address_is_said(run: Run, acme: Backend, email: str) -> None:
    with pytest.raises(CommandError):
        run("create_operator", email, "--backend=acme", "--role=owner")
    assert not get_user_model().objects.exists()


def test_an_unknown_role_is_said(run: Run, acme: Backend) -> None:
    with pytest.raises(CommandError, match="invalid choice: 'king'"):
        run("create_operator", ANA, "--backend=acme", "--role=king")
