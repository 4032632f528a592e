"""Bringing users of Supabase Auth. The files in ``exports`` have the shape of its exports.

Long, because an export has many columns, and each can be wrong.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError
from django.test import override_settings

from lingauth.core.errors import AccountExists
from lingauth.models import Account, Backend, Event, Identity, TotpFactor
from lingauth.services import backends, importing
from lingauth.services.context import Actor
from lingauth.services.new_account import email_identity
from tests.lingauth.api.contract import refused
from tests.support.app import PASSWORD, App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db

EXPORTS = Path(__file__).parent / "exports"
USERS, IDENTITIES, FACTORS = (
    str(EXPORTS / f"{table}.csv") for table in ("users", "identities", "mfa_factors")
)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def uuid(n: int) -> UUID:
    return UUID(f"{n:08x}-3a51-4b0e-9d52-0242ac12000{n:x}")


def app(backend: Backend, email: str = "ada@example.com") -> App:
    made = App(backend.ref, backends.anon_key(backend) or "")
    made.email = email
    return made


class Run:
    """One run of the command: what it printed, what it refused, and how it ended."""

    def __init__(self, *arguments: str, backend: str = "acme") -> None:
        out, err = StringIO(), StringIO()
        self.error = ""
        try:
            call_command(
                "import_supabase_users", *arguments, "--backend", backend, stdout=out, stderr=err
            )
        except CommandError as error:
            self.error = str(error)
        self.printed, self.refused = out.getvalue(), err.getvalue()
        rows = (line.rsplit(None, 1) for line in self.printed.splitlines() if line[-1:].isdigit())
        self.counts = {name.strip(): int(count) for name, count in rows}


def test_a_person_signs_in_with_the_password_they_had_and_is_who_they_were(acme: Backend) -> None:
    Run(USERS)
    body = app(acme).sign_in().json()
    assert body["user"]["id"] == str(uuid(1))
    assert body["user"]["created_at"] == "2023-04-05T06:07:08.123456Z"
    assert body["user"]["email_confirmed_at"] == "2023-04-05T06:08:00Z"
    assert body["user"]["app_metadata"]["plan"] == "pro"
    assert body["user"]["user_metadata"]["name"] == 'Ada "Countess" Lovelace'
    assert body["user"]["user_metadata"]["notes"] == "two\nlines"
    assert [row["provider"] for row in body["user"]["identities"]] == ["email"]


@override_settings(
    PASSWORD_HASHERS=["lingauth.hashers.Argon2idHasher", "lingauth.hashers.BcryptHasher"]
)
def test_the_hash_is_replaced_at_the_next_sign_in(acme: Backend) -> None:
    Run(USERS)
    account = Account.objects.get(uuid=uuid(1))
    assert account.user.password.startswith("bcrypt$$2b$04$")
    refused(
        app(acme).auth(
            "POST",
            "token?grant_type=password",
            {"email": "ada@example.com", "password": "not this one"},
        ),
        400,
        "invalid_credentials",
    )
    app(acme).sign_in()
    account.user.refresh_from_db()
    assert account.user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    app(acme).sign_in()


def test_a_password_that_was_not_normalised_there_still_opens(acme: Backend) -> None:
    Run(USERS)
    edith = app(acme, "edith@example.com")
    composed = "pässwörd mit zwei Formen"
    decomposed = unicodedata.normalize("NFD", composed)
    edith.sign_in(decomposed)
    # Replaced by now, and so it is right in whichever form it is typed.
    edith.sign_in(composed)


def test_states_are_kept(acme: Backend) -> None:
    Run(USERS)
    body = {"email": "joan@example.com", "password": PASSWORD}
    answer = app(acme).auth("POST", "token?grant_type=password", body, anonymous=True)
    refused(answer, 400, "email_not_confirmed")
    body["email"] = "mary@example.com"
    answer = app(acme).auth("POST", "token?grant_type=password", body, anonymous=True)
    refused(answer, 400, "user_banned")
    assert Account.objects.get(uuid=uuid(4)).banned_until == datetime(2099, 12, 31, tzinfo=UTC)
    gone = Account.objects.get(uuid=uuid(9))
    assert gone.deleted_at == datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert not gone.has_address
    assert not gone.user.has_usable_password()


def test_each_refused_row_is_named_with_its_line_and_why_and_leaves_nothing(acme: Backend) -> None:
    ran = Run(USERS)
    with open(USERS) as file:
        shown = file.read().splitlines()
    told = dict(
        line.removeprefix("users, line ").split(": ", 1) for line in ran.refused.splitlines()
    )
    for line, said in told.items():
        assert said.split()[0] in shown[int(line) - 1]
    assert [said.split(None, 1)[1] for said in told.values()] == [
        "signs in by SAML, which there is not here.",
        "has no e-mail address, and nobody signs in by phone here.",
        "its password cannot be verified here: This password hash is of no kind known here. "
        "Known are bcrypt ($2a$, $2b$, $2y$), argon2i, argon2id and Firebase's scrypt "
        "($fbscrypt$).",
        "has the address of another account.",
    ]
    assert "Refused were 4." in ran.error
    assert ran.counts == {
        "users, imported": 6,
        "users, already there": 0,
        "users, refused": 4,
        "users, left out: anonymous": 1,
    }
    assert Account.objects.count() == Event.objects.filter(kind="account_imported").count() == 6
    assert not Account.objects.filter(uuid__in=[uuid(n) for n in (5, 6, 7, 8, 10)]).exists()


def test_no_hash_and_no_secret_is_ever_printed(acme: Backend) -> None:
    ran = Run(USERS, "--identities", IDENTITIES, "--factors", FACTORS)
    printed = ran.printed + ran.refused + ran.error
    assert "$1$abc" not in printed
    assert SECRET not in printed
    with open(USERS) as file:
        for row in csv.DictReader(file):
            assert not row["encrypted_password"] or row["encrypted_password"] not in printed


def test_a_second_run_goes_on_and_changes_nothing_that_is_there(acme: Backend) -> None:
    everything = (USERS, "--identities", IDENTITIES, "--factors", FACTORS)
    Run(*everything)
    Account.objects.filter(uuid=uuid(1)).update(user_metadata={"name": "Ada King"})
    before = Event.objects.count()
    again = Run(*everything)
    assert again.counts["users, already there"] == 6
    assert [again.counts[f"{t}, imported"] for t in ("users", "identities", "mfa_factors")] == [
        0
    ] * 3
    assert Account.objects.get(uuid=uuid(1)).user_metadata == {"name": "Ada King"}
    assert Event.objects.count() == before


def test_a_dry_run_says_the_same_and_keeps_nothing(acme: Backend) -> None:
    everything = (USERS, "--identities", IDENTITIES, "--factors", FACTORS)
    tried = Run(*everything, "--dry-run")
    assert "nothing was kept" in tried.printed
    assert not Account.objects.exists()
    assert not Event.objects.filter(kind="account_imported").exists()
    real = Run(*everything)
    assert (tried.counts, tried.refused) == (real.counts, real.refused)


def test_an_id_of_another_backend_is_refused(acme: Backend) -> None:
    Run(USERS)
    backends.create_backend(ref="other", name="Other", actor=Actor.system("test"))
    ran = Run(USERS, backend="other")
    assert ran.refused.count("is an account of another backend") == 6
    assert ran.counts["users, imported"] == 1  # whose address was taken over there


def test_what_fails_half_way_leaves_nothing_of_its_row(
    acme: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def identity(account: Account) -> Identity:
        if account.uuid == uuid(3):
            raise IntegrityError
        return email_identity(account)

    monkeypatch.setattr(importing, "email_identity", identity)
    ran = Run(USERS)
    assert f"{uuid(3)} contradicts a row that is there already." in ran.refused
    assert ran.counts["users, imported"] == get_user_model()._default_manager.count() == 5


def test_whom_the_host_does_not_want_is_refused(acme: Backend) -> None:
    factory = f"{__name__}.unwilling"
    with override_settings(LINGAUTH=settings.LINGAUTH | {"USER_FACTORY": factory}):
        ran = Run(USERS)
    assert f"{uuid(1)} is not wanted: User already registered." in ran.refused
    assert not Account.objects.exists()


def unwilling(**_: object) -> None:
    raise AccountExists


def test_anonymous_users_come_along_when_asked_for(acme: Backend) -> None:
    Run(USERS, "--anonymous")
    account = Account.objects.get(uuid=uuid(7))
    assert account.is_anonymous
    assert not account.has_address


def test_addresses_that_were_confirmed_without_a_mail_are_told_apart(acme: Backend) -> None:
    Run(USERS, "--auto-confirmed")
    assert Account.objects.get(uuid=uuid(1)).auto_confirmed
    assert not Account.objects.get(uuid=uuid(3)).auto_confirmed


def test_identities_keep_their_ids_and_lead_to_the_same_people(acme: Backend) -> None:
    ran = Run(USERS, "--identities", IDENTITIES)
    rows = Identity.objects.order_by("provider").values_list("account__uuid", "provider", "subject")
    assert (uuid(1), "github", "583231") in rows
    assert (uuid(2), "google", "113274839201") in rows
    own = Identity.objects.get(account__uuid=uuid(1), provider="email")
    assert str(own.uuid) == "1d000000-0000-4000-8000-000000000001"
    assert own.created_at == datetime(2023, 4, 5, 6, 7, 8, tzinfo=UTC)
    assert not Identity.objects.filter(account__uuid=uuid(2), provider="email").exists()
    assert ran.counts["identities, left out: of phone and SAML"] == 1
    assert ran.counts["identities, left out: of accounts that are not here"] == 1
    assert list(Event.objects.filter(kind="identity_linked").values_list("data", flat=True)) == [
        {"from": "supabase", "provider": "google"},
        {"from": "supabase", "provider": "github"},
    ]


def test_who_had_two_factors_still_has(acme: Backend) -> None:
    ran = Run(USERS, "--factors", FACTORS)
    ada = app(acme)
    session = ada.sign_in().json()
    assert [f["friendly_name"] for f in session["user"]["factors"]] == ["Phone", "Phone 2"]
    answer = ada.keep(ada.auth("POST", "mfa/verify", {"code": code_for(SECRET)}))
    user = answer.json()["user"]
    assert ada.auth("GET", "sessions").json()["sessions"][0]["aal"] == "aal2"
    assert user["factors"][0]["id"] == "fac00000-0000-4000-8000-000000000001"
    row = TotpFactor.objects.get(uuid=user["factors"][0]["id"])
    assert SECRET.encode() not in bytes(row.secret)
    assert Event.objects.filter(kind="factor_enrolled", actor_kind="system").count() == 2
    assert Account.objects.get(uuid=uuid(1)).mfa_enrolled_at is not None
    assert ran.counts["mfa_factors, imported"] == 2
    assert ran.counts["mfa_factors, left out: never finished"] == 1


def test_a_factor_that_cannot_come_along_is_told_with_its_owner(acme: Backend) -> None:
    ran = Run(USERS, "--factors", FACTORS)
    for reason, owner in (
        ("is of the kind 'webauthn', which there is not here", 2),
        ("has a secret that is encrypted with a key of the old server", 3),
    ):
        fewer = f"{reason}; the account {uuid(owner)} has one factor fewer here"
        assert fewer in ran.refused


def test_a_factor_ends_the_sessions_that_never_proved_it(acme: Backend) -> None:
    Run(USERS)
    ada = app(acme)
    ada.sign_in()
    Run(USERS, "--factors", FACTORS)
    refused(ada.auth("GET", "user"), 403, "session_not_found")


@pytest.mark.parametrize("shape", ["array", "lines", "dump"])
def test_the_same_rows_come_out_of_json_and_out_of_a_dump(
    acme: Backend, tmp_path: Path, shape: str
) -> None:
    with open(USERS, newline="") as source:
        rows = list(csv.DictReader(source))
    file = tmp_path / "users"
    if shape == "dump":
        file.write_text(_dumped(rows))
    else:
        typed = [_typed(row) for row in rows]
        lines = "\n".join(json.dumps(row) for row in typed)
        file.write_text(lines if shape == "lines" else json.dumps(typed, indent=2))
    ran = Run(str(file))
    assert ran.counts["users, imported"] == 6
    assert ran.counts["users, refused"] == 4
    user = app(acme).sign_in().json()["user"]
    assert user["user_metadata"]["notes"] == "two\nlines"


def test_lines_of_a_json_array_are_told_as_an_editor_shows_them(
    acme: Backend, tmp_path: Path
) -> None:
    file = tmp_path / "users.json"
    file.write_text('[\n  {"id": "x",\n   "email": "", "encrypted_password": ""},\n\n  {"id": 3}]')
    ran = Run(str(file))
    assert ran.refused.splitlines() == [
        "users, line 2: x its id is not a UUID.",
        "users, line 5: 3 its id is not a UUID.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,email\n1,2\n", "there is no column 'encrypted_password'"),
        ("-- a dump\nSELECT 1;\n", r"no COPY of auth\.users"),
        ('[{"id": 1, "email": "", "encrypted_password": ""}, {"id"', "JSON cannot be read"),
        ('id,email,encrypted_password\n"1,2,3', "line 2"),
    ],
)
def test_a_file_of_another_kind_is_said(
    acme: Backend, tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "users"
    file.write_text(text)
    assert re.search(told, Run(str(file)).error)


def test_a_file_that_is_not_there_is_said(acme: Backend, tmp_path: Path) -> None:
    assert "No such file" in Run(str(tmp_path / "none.csv")).error


def _typed(row: dict[str, str]) -> dict[str, object]:
    """The row as PostgreSQL's ``to_jsonb`` has it."""
    value: dict[str, object] = {name: text or None for name, text in row.items()}
    for name in ("raw_app_meta_data", "raw_user_meta_data"):
        value[name] = json.loads(row[name])
    for name in ("is_sso_user", "is_anonymous"):
        value[name] = row[name] == "t"
    return value


def _dumped(rows: list[dict[str, str]]) -> str:
    def escaped(text: str) -> str:
        return text.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t") or r"\N"

    lines = ["\t".join(map(escaped, row.values())) for row in rows]
    names = ", ".join(rows[0])
    return "\n".join(
        [
            "--\n-- PostgreSQL database dump\n--\n",
            "COPY public.users (id, name) FROM stdin;\n1\tnobody\n\\.\n",
            f"COPY auth.users ({names}) FROM stdin;",
            *lines,
            "\\.\n",
        ]
    )
