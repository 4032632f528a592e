"""Each command explains itself."""

from __future__ import annotations

import pytest
from django.core.management import call_command

COMMANDS = [
    "adopt_users",
    "create_api_key",
    "create_backend",
    "create_operator",
    "import_supabase_users",
    "deliver_mail",
    "list_api_keys",
    "list_signing_keys",
    "purge",
    "reseal",
    "revoke_api_key",
    "rotate_keys",
    "seal_history",
    "set_policy",
    "set_provider",
    "verify_history",
]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_a_purpose(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command(name, "--help")
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith("usage: ")
    assert len(printed.split("\n\n")[1]) > 60
