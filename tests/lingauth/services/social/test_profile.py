"""Who a provider says that somebody is: what is kept of a token's claims, and what is believed."""

from __future__ import annotations

from typing import Any

import pytest

from lingauth.models import Provider
from lingauth.services.social import profile
from lingauth.services.social.profile import Profile

ISSUER = "https://sso.example.com"
CLAIMS = {"iss": ISSUER, "sub": "s-1", "email": "Ada@Example.com", "email_verified": True}


def of(trusts: bool = True, **claims: Any) -> Profile:
    return profile.of_claims(Provider(trusts_email=trusts), {**CLAIMS, **claims})


def test_everything_that_is_kept_of_a_token() -> None:
    found = of(
        name="Ada L.",
        full_name="Ada Lovelace",
        preferred_username="ada",
        user_name="ada.l",
        picture="https://sso.example.com/p",
        avatar_url="https://sso.example.com/a",
        nickname="A",
        phone_number="+1",
    )
    assert found == Profile(
        issuer=ISSUER,
        subject="s-1",
        email="Ada@Example.com",
        verified=("Ada@Example.com",),
        named={
            "name": "Ada L.",
            "full_name": "Ada Lovelace",
            "preferred_username": "ada",
            "user_name": "ada.l",
            "picture": "https://sso.example.com/p",
            "avatar_url": "https://sso.example.com/a",
        },
    )


def test_the_clients_names_are_filled_in_from_the_standards() -> None:
    assert of(name="Ada", picture="https://p").named == {
        "name": "Ada",
        "full_name": "Ada",
        "picture": "https://p",
        "avatar_url": "https://p",
    }
    assert of(full_name="Ada", avatar_url="https://a").named == {
        "full_name": "Ada",
        "avatar_url": "https://a",
    }


@pytest.mark.parametrize(
    ("name", "kept"),
    [("x", True), ("x" * 500, True), ("x" * 501, False), ("", False), ("a\nb", False), (5, False)],
)
def test_a_name_is_a_printable_text_of_at_most_500_characters(name: object, kept: bool) -> None:
    assert ("name" in of(name=name).named) is kept


@pytest.mark.parametrize(
    ("said", "trusts", "believed"),
    [
        (True, True, True),
        ("true", True, True),
        (True, False, False),
        ("true", False, False),
        (False, True, False),
        ("false", True, False),
        ("True", True, False),
        (1, True, False),
        (None, True, False),
    ],
)
def test_an_address_is_proven_if_the_token_says_so_and_the_operator_believes_it(
    said: object, trusts: bool, believed: bool
) -> None:
    found = of(trusts, email_verified=said)
    assert found.email == "Ada@Example.com"
    assert found.verified == (("Ada@Example.com",) if believed else ())
    assert found.is_verified is believed


@pytest.mark.parametrize("email", [None, "", 5, "ada", "a@example.com,b@example.com"])
def test_what_is_no_address_is_none_and_not_proven(email: object) -> None:
    found = of(email=email)
    assert (found.email, found.verified) == ("", ())
    assert profile.usable(email) == ""


def test_an_address_is_kept_as_given_and_looked_up_by_its_one_form() -> None:
    assert profile.usable("Ada@Example.com") == "Ada@Example.com"
    assert of().verified_keys == {"ada@example.com"}


def test_what_an_identity_keeps() -> None:
    assert of(name="Ada").data == {
        "name": "Ada",
        "full_name": "Ada",
        "iss": ISSUER,
        "sub": "s-1",
        "provider_id": "s-1",
        "phone_verified": False,
        "email": "Ada@Example.com",
        "email_verified": True,
    }
    assert of(email_verified=False).data["email_verified"] is False
    without = of(email=None).data
    assert without == {"iss": ISSUER, "sub": "s-1", "provider_id": "s-1", "phone_verified": False}


def test_a_name_cannot_pass_for_who_it_is() -> None:
    made = Profile(ISSUER, "s-1", "", (), {"sub": "other", "iss": "x", "provider_id": "y"})
    assert (made.data["sub"], made.data["iss"], made.data["provider_id"]) == ("s-1", ISSUER, "s-1")


def test_a_profile_comes_back_from_json_as_it_was() -> None:
    found = of(name="Ada")
    packed = found.packed()
    assert packed == {
        "issuer": ISSUER,
        "subject": "s-1",
        "email": "Ada@Example.com",
        "verified": ("Ada@Example.com",),
        "named": {"name": "Ada", "full_name": "Ada"},
    }
    assert Profile.unpacked({**packed, "verified": ["Ada@Example.com"]}) == found
