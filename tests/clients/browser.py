"""What a person's browser does: with a mailed link, which shows a page whose button goes on, and
with the way to a provider and back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

_FORM = re.compile(r'<main.*?(<form[^>]*method="post".*?</form>)', re.DOTALL)


def follow(link: str) -> str:
    """Open the link and press the button. The address that the browser is then sent to."""
    with httpx.Client() as http:
        page = _open(http, http.build_request("GET", link))
        assert page.status_code == 200, page.text
        found = _FORM.search(page.text)
        assert found is not None, page.text
        url = str(page.url)
        form = found[1]
        action = _attribute(form.partition(">")[0], "action") or url
        tags = re.findall(r"<(?:input|button)\b[^>]*>", form)
        fields = {
            name: _attribute(tag, "value") for tag in tags if (name := _attribute(tag, "name"))
        }
        headers = {"origin": _origin(url), "referer": url}
        pressed = http.build_request("POST", urljoin(url, action), data=fields, headers=headers)
        return str(_open(http, pressed).url)


def visit(url: str) -> str:
    """Open the address. The one that the browser ends at."""
    with httpx.Client() as http:
        return str(_open(http, http.build_request("GET", url)).url)


def told(url: str) -> dict[str, str]:
    """What the address tells the app, from its query and its fragment."""
    parts = urlsplit(url)
    return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))


def _open(http: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Follow redirects on this machine. One that leaves it is answered as where it leads."""
    for _ in range(10):
        response = http.send(request)
        if "location" not in response.headers:
            return response
        url = urljoin(str(request.url), response.headers["location"])
        request = http.build_request("GET", url)
        if urlsplit(url).hostname != "127.0.0.1":
            response.request = request
            return response
    raise AssertionError(f"Redirected without end, last to {request.url}")


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
