"""Where to go next: return addresses are kept through sign-in and step-up, and stay inside."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from lingauth.pages.addresses import carry, go, local_path


def home() -> str:
    """The console's front page: the list of backends."""
    return reverse("console:backends")


def return_address(request: HttpRequest) -> str:
    """The ``return_to`` of this request if it is a page of the console, else the front page."""
    wanted = local_path(request.POST.get("return_to") or request.GET.get("return_to"))
    path = urlsplit(wanted).path
    return wanted if path.startswith(home().rstrip("/") + "/") else home()


def send_to(name: str, *, return_to: str) -> HttpResponse:
    """To one of the sign-in steps, which remembers where the operator was going."""
    return go(reverse(name) + carry("" if return_to == home() else return_to))


def page_above(address: str) -> str:
    """The page a confirmation belongs to: what stands before ``…/review`` or ``…/<n>/undo``, and
    the list for all that is done to one key or provider."""
    path = urlsplit(address).path
    for listing in ("/keys", "/providers"):
        before, below, _ = path.partition(f"{listing}/")
        if below:
            return f"{before}{listing}"
    if path.endswith("/review"):
        return path.removesuffix("/review")
    if path.endswith("/undo"):
        return path.removesuffix("/undo").rsplit("/", 1)[0]
    return home()
