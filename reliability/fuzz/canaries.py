"""Every secret of the world, in every form it could be seen in."""

from __future__ import annotations

from base64 import b32decode
from urllib.parse import quote

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings as django_settings

from lingauth import keyring
from lingauth.conf import settings
from lingauth.core import crypto
from lingauth.models import Backend, Flow
from lingauth.services import flows
from reliability.fuzz.people import Somebody
from reliability.fuzz.world import World
from tests.invariants.canary import Secrets, everything_stored
from tests.lingauth.api.social.people import VERIFIER
from tests.support.openid import SECRET

_PURPOSES = (
    "challenge",
    "flow",
    "flow browser",
    "flow code",
    "mail code",
    "mail job",
    "mail link",
    "page cookie",
    "provider secret",
    "signing key",
)
_CUT = 16
_SEALED = ("digest", "secret", "private", "password", "payload")
"""Words in the names of columns that hold something in its stored form."""


class Canaries:
    """``clear`` may be nowhere; ``stored`` is what the database keeps in their place, and may be
    nowhere else. ``sendable`` are those that a caller could put somewhere, as texts."""

    def __init__(self, here: World) -> None:
        self.clear, self.stored = Secrets(), Secrets()
        self.sendable: list[str] = []
        for name, somebody in here.people.items():
            self._of_a_person(name, somebody)
        for made in (here.made, here.rival):
            self._sendable(f"service key of {made.backend.ref}", made.service_key, cut=True)
        for name in ("auth_code", "code", "state", "cookie", "nonce", "link_ticket", "step_ticket"):
            self._sendable(f"flow's {name}", here.flow[name])
        self._sendable("verifier", VERIFIER)
        self.clear.add("client secret", SECRET)
        self._of_flows()
        self._of_keys()
        self._of_the_deployment()
        self._stored_forms()

    def _of_a_person(self, name: str, somebody: Somebody) -> None:
        self._sendable(f"password of {name}", somebody.password, cut=True)
        self._tokens(name, somebody)
        for value in somebody.held:
            self._sendable(f"something of {name}'s", value)
        if seed := somebody.app.secret:
            self._sendable(f"seed of {name}", seed, cut=True)
            self.clear.add(f"seed of {name}, raw", b32decode(seed))
            for step in (-1, 0, 1):
                self.clear.add(f"code of {name}", somebody.code(step))
        for code in somebody.codes:
            self._sendable(f"recovery code of {name}", code)
            spaced = "-".join(code[n : n + 4] for n in range(0, len(code), 4))
            for form in (code.upper(), spaced, spaced.upper()):
                self.clear.add(f"recovery code of {name}", form)
        for purpose, (code, link) in somebody.mailed.items():
            self.clear.add(f"mailed code of {name} ({purpose})", code)
            if link:
                self._sendable(f"link of {name} ({purpose})", link, cut=True)

    def _tokens(self, name: str, somebody: Somebody) -> None:
        access = somebody.app.session["access_token"]
        self._sendable(f"access token of {name}", access)
        self.clear.add(f"signature of {name}'s token", access.rpartition(".")[2])
        self._sendable(f"refresh token of {name}", somebody.app.session["refresh_token"])

    def _sendable(self, name: str, value: str, *, cut: bool = False) -> None:
        """``cut``: its beginning is secret as well, which is what a message that cuts would say."""
        self.clear.add(name, value)
        if cut:
            self.clear.add(f"the beginning of the {name}", value[:_CUT])
        if quote(value) != value:
            self.clear.add(name, quote(value))
        self.sendable.append(value)

    def _of_flows(self) -> None:
        for flow in Flow.objects.all():
            for name in ("state", "verifier", "nonce"):
                if value := flows.unseal(flow).get(name):
                    self.clear.add(f"{name} of a flow to {flow.provider}", value)

    def _of_keys(self) -> None:
        for backend in Backend.objects.all():
            for key in keyring.ring_of(backend).keys:
                number = key.private.private_numbers().private_value
                self.clear.add(f"signing key of {backend.ref}", number.to_bytes(32, "big"))
                raw = (PrivateFormat.PKCS8, NoEncryption())
                pem = key.private.private_bytes(Encoding.PEM, *raw).decode()
                self.clear.add(f"signing key of {backend.ref}, PEM", pem.splitlines()[1])

    def _of_the_deployment(self) -> None:
        self.clear.add("secret key", django_settings.SECRET_KEY)
        for root in settings.keychain.roots:
            for purpose in _PURPOSES:
                self.clear.add(f"derived key ({purpose})", crypto.derive(root, purpose))

    def _stored_forms(self) -> None:
        for place, value in everything_stored():
            if len(value) >= 16 and any(word in place.rpartition(".")[2] for word in _SEALED):
                self.stored.add(f"as stored in {place}", value)
