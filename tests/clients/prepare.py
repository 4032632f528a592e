"""Makes the backends that the clients are tried on, in the server's own environment, and prints
their addresses and keys as JSON: ``python -m tests.clients.prepare PROVIDER``."""

from __future__ import annotations

import json
import sys
from typing import Any

import django

REACHABLE = ["http://app.localhost:*/**"]
SETTINGS: dict[str, dict[str, Any]] = {
    "strict": {"auto_confirm": True},
    "tabs": {"auto_confirm": True, "refresh_reuse_grace": 10},
    "mailed": {"auto_confirm": False},
    "letter": {"one_step_links": True, "mail_cooldown": 60},
    "docs": {"auto_confirm": False, "mfa_mode": "required"},
    "sdk": {"auto_confirm": True, "mfa_mode": "required"},
    "story-node": {"auto_confirm": True},
    "story-page": {"auto_confirm": True},
}
"""What sets the backends apart; the rest is common to them."""
COMMON: dict[str, Any] = {
    "anonymous_enabled": True,
    "redirect_urls": REACHABLE,
    "site_url": "http://app.localhost:3000/",
    # Many mails to one address within a minute are what a test does, and not what it is about.
    "mail_cooldown": 0,
    "mails_per_hour": 1000,
}


def main() -> None:
    django.setup()
    from lingauth.services import backends, policy, providers
    from lingauth.services.context import Actor
    from tests.support.openid import CLIENT_ID, SECRET

    actor = Actor.system("tests")
    made = {}
    for ref, settings in SETTINGS.items():
        new = backends.create_backend(ref=ref, name=ref.title(), actor=actor)
        policy.change(backend_id=new.backend.pk, changes=COMMON | settings, actor=actor)
        corporate = {"issuer": sys.argv[1], "client_id": CLIENT_ID, "secret": SECRET}
        providers.save(backend=new.backend, name="keycloak", changes=corporate, actor=actor)
        made[ref] = {
            "ref": ref,
            "url": backends.base_url(new.backend),
            "anon_key": new.anon_key,
            "service_key": new.service_key,
        }
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main()
