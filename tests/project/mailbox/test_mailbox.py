"""The mailbox of the demo: what it shows, and to whom."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.once
LINK = "http://127.0.0.1:8000/b/demo/auth/v1/verify?token=abc&type=signup"


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.SITE_URL = "http://127.0.0.1:8000"
    return tmp_path / "mail"


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "127.0.0.1:8000"})


def mail(subject: str = "Hello", text: str = "Words", html: str = "") -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject, text, "Demo <no-reply@example.com>", ["ada@example.com"]
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


def links(client: Client) -> list[str]:
    page = client.get("/mailbox").content.decode()
    return re.findall(r'href="(/mailbox/[^"]+)"', page)


def test_an_empty_one_says_how_to_fill_it(client: Client) -> None:
    answer = client.get("/mailbox")
    assert answer.status_code == 200
    assert "There is none yet" in answer.content.decode()


def test_every_mail_is_listed_the_newest_first(client: Client) -> None:
    for subject in ("First", "Second"):
        mail(subject).send()
    get_connection().send_messages([mail("Third"), mail("Fourth")])  # two in one file
    page = client.get("/mailbox").content.decode()
    assert re.findall(r">(First|Second|Third|Fourth)<", page) == [
        "Fourth",
        "Third",
        "Second",
        "First",
    ]
    assert len(set(links(client))) == 4


def test_a_mail_shows_its_head_and_its_text(client: Client) -> None:
    mail("Grüße & <b>more</b>", "Line one\n\nLöse <script>alert(1)</script>").send()
    page = client.get(links(client)[0]).content.decode()
    assert "<h1>Grüße &amp; &lt;b&gt;more&lt;/b&gt;</h1>" in page
    assert "Demo &lt;no-reply@example.com&gt;" in page
    assert "ada@example.com" in page
    assert "Löse &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<iframe" not in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Open:\n{LINK}\n\nOr", '<a href="{0}">{0}</a>'.format(LINK.replace("&", "&amp;"))),
        ("(see https://a.example/b).", '(see <a href="https://a.example/b">https://a.example/b</a>).'),
        ('https://a.example/"onclick="x', '<a href="https://a.example/">https://a.example/</a>&quot;onclick'),
        ("javascript:alert(1)", "javascript:alert(1)</div>"),
    ],
)  # fmt: skip
def test_addresses_in_the_text_are_links(client: Client, text: str, shown: str) -> None:
    mail(text=text).send()
    assert shown in client.get(links(client)[0]).content.decode()


def test_the_html_is_in_a_box_that_runs_nothing(client: Client) -> None:
    html = f'<html><head><title>x</title></head><body><a href="{LINK}">Go</a></body></html>'
    mail(html=html).send()
    path = links(client)[0]
    page = client.get(path)
    assert f'<iframe class="mailbox-frame" src="{path}/html" sandbox="' in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    answer = client.get(f"{path}/html")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    for forbidden in ("allow-scripts", "allow-same-origin", "allow-forms", "script-src"):
        assert forbidden not in policy + page.content.decode().split("<iframe")[1]
    shown = answer.content.decode().rstrip("\n")  # newer Django ends a mail with a line break
    assert shown == html.replace("<head>", '<head><base target="_top">')


def test_a_mail_without_html_has_no_html_page(client: Client) -> None:
    mail().send()
    assert client.get(links(client)[0] + "/html").status_code == 404


@pytest.mark.parametrize("key", ["x", "x-0", "..%2Fsecret_key-0", "%2Fetc%2Fpasswd-0", "-", "%00"])
def test_a_key_is_no_path(client: Client, directory: Path, key: str) -> None:
    mail().send()
    (directory.parent / "secret_key.log").write_text("Subject: secret\n\nsecret")
    assert client.get(f"/mailbox/{key}").status_code == 404
    assert client.get(f"/mailbox/{key}/html").status_code == 404


PATHS = ["/mailbox", "/mailbox/x-0", "/mailbox/x-0/html"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "backend", ["smtp.EmailBackend", "locmem.EmailBackend", "console.EmailBackend"]
)
def test_where_mail_goes_to_people_there_is_no_mailbox(
    client: Client, settings: Settings, path: str, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}"
    settings.MAILBOX_IS_OPEN = True
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "elsewhere",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "demo.example.com"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
    ids=lambda elsewhere: next(iter(elsewhere)),
)
def test_it_opens_to_this_machine_only(
    client: Client, settings: Settings, path: str, elsewhere: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    mail("Your code").send()
    answer = client.get(path, **elsewhere)  # type: ignore[arg-type]  # the environment of a request
    assert answer.status_code == 403
    assert "Your code" not in answer.content.decode()


def test_a_site_with_a_public_address_keeps_it_shut(client: Client, settings: Settings) -> None:
    """A proxy on the same machine may leave no trace of itself."""
    settings.SITE_URL = "https://demo.example.com"
    assert client.get("/mailbox").status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000", "127.0.0.1"])
def test_this_machine_has_several_names(client: Client, settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get("/mailbox", headers={"host": host}, REMOTE_ADDR="::1")
    assert answer.status_code == 200


def test_a_setting_opens_it_to_everybody(client: Client, settings: Settings) -> None:
    settings.MAILBOX_IS_OPEN = True
    assert client.get("/mailbox", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.django_db
def test_the_landing_page_leads_there_if_it_is_open(client: Client) -> None:
    from project import seeding

    seeding.seed()
    assert 'href="/mailbox"' in client.get("/").content.decode()
    assert 'href="/mailbox"' not in client.get("/", REMOTE_ADDR="192.0.2.7").content.decode()


def test_it_changes_nothing(client: Client) -> None:
    assert client.post("/mailbox").status_code == 405
