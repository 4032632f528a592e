"""What the page on mail shows is what happens."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from pytest_django import Settings

from lingauth import conf
from lingauth.models import Account, Backend
from lingauth.services import backends, mailing, outbox
from lingauth.services.context import Actor
from lingauth.services.notices import Notice, send
from project import environment
from tests.tooling.test_docs import ROOT, blocks

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE = "docs/mail.md"
TEXT = (ROOT / PAGE).read_text()


@pytest.fixture
def shop(db: None) -> Backend:
    return backends.create_backend(ref="shop", name="Shop", actor=Actor.system("tests")).backend


def shown(language: str) -> list[str]:
    return [text for name, text in blocks(PAGE) if name == language]


def test_its_variables_connect_a_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = shown("sh")
    for name, value in re.findall(r"^export (\w+)='(.+)'$", block, re.MULTILINE):
        monkeypatch.setenv(name, value)
    made = environment.email(Path("unused"))
    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.com", 587)
    assert made["EMAIL_USE_TLS"]
    assert "LINGAUTH_MAIL_FROM" in (ROOT / "project" / "settings.py").read_text()


def test_its_settings_are_settings() -> None:
    given: dict[str, Any] = {}
    exec(shown("python")[0], given)
    loaded = conf.load(given["LINGAUTH"])
    assert loaded.MAIL_DELIVERY == "queue"
    for name in ("MAILS_PER_IP", "MAILS_PER_BACKEND"):
        assert getattr(conf.Settings, name) is not None
        assert getattr(loaded, name) == getattr(conf.load({}), name)


def test_its_commands_do_what_is_shown(
    shop: Backend, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    account = Account(backend=shop, email="ada@example.com")
    send(Notice.SESSION_ENDED, backend=shop, account=account)
    for block in shown("console"):
        command, _, printed = block.removeprefix("$ python manage.py ").partition("\n")
        call_command(*command.split())
        said = capsys.readouterr().out
        if printed:
            assert said == printed
    shop.refresh_from_db()
    assert (shop.mail_cooldown, shop.mails_per_hour, shop.one_step_links) == (30, 10, True)


def test_its_receiver_hears_of_a_mail_that_was_given_up(
    shop: Backend, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[Any] = []
    code = shown("python")[1]
    names: dict[str, Any] = {"page_somebody": lambda name, data: heard.append((name, data))}
    exec(code, names)
    from lingauth.models import MailJob
    from lingauth.signals import event_recorded

    outbox.put(backend=shop, kind="unknown", payload={})
    MailJob.objects.update(tries=outbox.MAX_TRIES - 1, due_at=shop.created_at)
    with django_capture_on_commit_callbacks(execute=True):
        outbox.drain()
    event_recorded.disconnect(names["tell_us"])
    assert heard == [("Shop", {"mail": "unknown", "tries": 8, "trouble": "KeyError"})]


def test_its_templates_work(shop: Backend, settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "lingauth" / "mail" / "shop"
    own.mkdir(parents=True)
    text, html = shown("django")
    (own / "invite.txt").write_text(text)
    (own / "invite.html").write_text(html)
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [str(tmp_path)]
    templates[0]["OPTIONS"]["string_if_invalid"] = "MISSING(%s)"
    settings.TEMPLATES = templates
    context = {
        "action_url": "https://id.example.com/x",
        "expires_in_minutes": 1440,
        "code": "048213",
        "code_minutes": 10,
    }
    mailing.write("invite", backend=shop, to="ada@example.com", context=context)
    [message] = mail.outbox
    assert message.subject == "Welcome to Shop"
    assert "within 24 hours" in message.body
    [(body, _)] = message.alternatives  # type: ignore[attr-defined]  # it has an HTML part
    for part in (message.body, body):
        assert "048213" in part
        assert "MISSING" not in part
        assert "https://id.example.com/x" in part


def test_it_names_every_mail() -> None:
    directory = ROOT / "lingauth" / "templates" / "lingauth" / "mail"
    names = {file.stem for file in directory.glob("*.txt") if not file.stem.startswith("_")}
    table = TEXT[TEXT.index("| mail | sent |") : TEXT.index("The words are marked")]
    assert names <= set(re.findall(r"`([a-z_]+)`", table))


def test_its_waits_are_the_products() -> None:
    said = re.search(r"again after ([^.]+)\.", TEXT)
    assert said is not None
    units = {"second": 1, "minute": 60, "hour": 3600}
    times = re.findall(r"(\d+)\s+(second|minute|hour)s?", said[1])
    assert [int(number) * units[unit] for number, unit in times] == [
        wait.total_seconds() for wait in outbox.WAITS
    ]
