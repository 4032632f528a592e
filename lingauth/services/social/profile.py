"""Who a provider says that somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lingauth.core import email as addresses
from lingauth.core.errors import ValidationFailed
from lingauth.models import Provider

_COPIED = ("name", "full_name", "preferred_username", "user_name", "picture", "avatar_url")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """``issuer`` and ``subject`` are who it is; everything else is only what they are called.

    ``verified`` are addresses which the provider has proven, ``email`` the one to show, as given.
    All of them are single addresses in a form that can be looked up.
    """

    issuer: str
    subject: str
    email: str
    verified: tuple[str, ...]
    named: dict[str, Any]

    @property
    def is_verified(self) -> bool:
        return self.email in self.verified

    @property
    def verified_keys(self) -> set[str]:
        """What the proven addresses are looked up by."""
        return {addresses.normalise(address) for address in self.verified}

    @property
    def data(self) -> dict[str, Any]:
        """What an identity keeps of it, in the contract's words."""
        value: dict[str, Any] = {
            **self.named,
            "iss": self.issuer,
            "sub": self.subject,
            "provider_id": self.subject,
            "phone_verified": False,
        }
        if self.email:
            value |= {"email": self.email, "email_verified": self.is_verified}
        return value

    def packed(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return asdict(self)

    @classmethod
    def unpacked(cls, value: Mapping[str, Any]) -> Profile:
        return cls(**{**value, "verified": tuple(value["verified"])})


def of_claims(provider: Provider, claims: Mapping[str, Any]) -> Profile:
    """From a verified ID token. Its address counts as proven only if the token says so in so many
    words, and the operator believes this provider."""
    email = usable(claims.get("email"))
    said = claims.get("email_verified")
    is_verified = (said is True or said == "true") and provider.trusts_email
    named = {name: claims[name] for name in _COPIED if is_name(claims.get(name))}
    for ours, theirs in (("full_name", "name"), ("avatar_url", "picture")):
        if ours not in named and theirs in named:
            named[ours] = named[theirs]
    return Profile(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=email,
        verified=(email,) if email and is_verified else (),
        named=named,
    )


def usable(address: object) -> str:
    """The address as it was given, if it is one; else nothing."""
    try:
        addresses.normalise(address)
    except ValidationFailed:
        return ""
    return str(address)


def is_name(value: object) -> bool:
    """Whether it is a text that can be kept and shown."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()
