"""Every call of the wire contract that the published clients speak, as data.

``refused`` is the answer to a call that this product leaves out; all others are said to work, and
``note`` is what differs for somebody who knows the contract. Long, because the contract is.

The rows are those of auth-js 2.119.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PHONE = (400, "phone_provider_disabled")
NOBODY, OWNER, SERVER = "nobody", "owner", "server"


@dataclass(frozen=True, slots=True)
class Call:
    """One row. ``path`` is relative to ``/auth/v1``, with ids in braces; ``body`` and ``by`` make
    a call that is left out, as its client makes it."""

    method: str
    path: str
    what: str = ""
    client: str = ""
    note: str = ""
    refused: tuple[int, str] | None = None
    body: Any = None
    by: str = NOBODY


SECTIONS: dict[str, tuple[Call, ...]] = {
    "About the backend": (
        Call("GET", "/health"),
        Call("GET", "/settings"),
        Call("GET", "/.well-known/jwks.json", client="getClaims"),
        Call("GET", "/.well-known/openid-configuration"),
    ),
    "Signing up and in": (
        Call(
            "POST",
            "/signup",
            "by address and password",
            "signUp",
            "An address that has an account is answered like a new one, unless the backend "
            "confirms addresses by itself.",
        ),
        Call(
            "POST",
            "/signup",
            "by phone and password",
            "signUp",
            refused=PHONE,
            body={"phone": "+4915112345678", "password": "correct horse battery"},
        ),
        Call("POST", "/signup", "anonymous", "signInAnonymously", "A setting of the backend."),
        Call("POST", "/token?grant_type=password", "by address", "signInWithPassword"),
        Call(
            "POST",
            "/token?grant_type=password",
            "by phone",
            "signInWithPassword",
            refused=PHONE,
            body={"phone": "+4915112345678", "password": "correct horse battery"},
        ),
        Call(
            "POST",
            "/token?grant_type=refresh_token",
            client="refreshSession",
            note="Strict: a token works once. `refresh_reuse_grace` of the backend, 10 seconds or "
            "so, suits many tabs of one client.",
        ),
        Call(
            "POST",
            "/token?grant_type=pkce",
            client="exchangeCodeForSession",
            note="A code is good for 60 seconds instead of 300.",
        ),
        Call("POST", "/token?grant_type=id_token", client="signInWithIdToken"),
        Call(
            "POST",
            "/token?grant_type=web3",
            client="signInWithWeb3",
            refused=(422, "web3_provider_disabled"),
            body={"chain": "ethereum", "message": "m", "signature": "s"},
        ),
    ),
    "By mail": (
        Call(
            "POST",
            "/otp",
            "by address",
            "signInWithOtp",
            "`create_user: false` for an unknown address is answered like any other, not with "
            "`otp_disabled`: the answer must not tell who has an account.",
        ),
        Call(
            "POST",
            "/otp",
            "by phone",
            "signInWithOtp",
            refused=PHONE,
            body={"phone": "+4915112345678"},
        ),
        Call("POST", "/magiclink", "the older name of `/otp`"),
        Call(
            "POST",
            "/recover",
            client="resetPasswordForEmail",
            note="An account with a factor is asked for a code before its new password.",
        ),
        Call("POST", "/resend", "`signup`", "resend"),
        Call("POST", "/resend", "`email_change`", "resend"),
        *(
            Call("POST", "/resend", f"`{type}`", "resend", refused=PHONE, body={"type": type})
            for type in ("sms", "phone_change")
        ),
        *(
            Call("POST", "/verify", f"`{type}`, by code or `token_hash`", "verifyOtp")
            for type in ("signup", "invite", "magiclink", "recovery", "email_change", "email")
        ),
        *(
            Call(
                "POST",
                "/verify",
                f"`{type}`",
                "verifyOtp",
                refused=PHONE,
                body={"type": type, "phone": "+4915112345678", "token": "123456"},
            )
            for type in ("sms", "phone_change")
        ),
        Call(
            "GET",
            "/verify",
            "the link of a mail",
            note="Leads to a page whose button spends the link, because programs open the links "
            "of mails too. The backend's `one_step_links` spends it at once.",
        ),
    ),
    "By a provider": (
        Call("GET", "/authorize", client="signInWithOAuth"),
        Call("GET", "/callback"),
        Call("POST", "/callback", "a form, as Apple sends it"),
        Call("GET", "/user/identities/authorize", client="linkIdentity"),
        Call("DELETE", "/user/identities/{identity_id}", client="unlinkIdentity"),
        Call(
            "POST",
            "/sso",
            client="signInWithSSO",
            refused=(404, "saml_provider_disabled"),
            body={"domain": "example.com"},
        ),
    ),
    "The signed-in account": (
        Call("GET", "/user", client="getUser"),
        Call("PUT", "/user", "`data`", "updateUser"),
        Call(
            "PUT",
            "/user",
            "`email`",
            "updateUser",
            "Asks for a sign-in or code of the last ten minutes, the current password or a nonce.",
        ),
        Call("PUT", "/user", "`password`", "updateUser", "Asks for the same."),
        Call(
            "PUT",
            "/user",
            "`phone`",
            "updateUser",
            refused=PHONE,
            body={"phone": "+4915112345678"},
            by=OWNER,
        ),
        Call("GET", "/reauthenticate", client="reauthenticate"),
        Call("POST", "/logout", "`global`, `local`, `others`", "signOut"),
    ),
    "Second factors": (
        Call("POST", "/factors", "`totp`", "mfa.enroll"),
        *(
            Call(
                "POST",
                "/factors",
                f"`{kind}`",
                "mfa.enroll",
                refused=(422, f"mfa_{kind}_enroll_not_enabled"),
                body={"factor_type": kind, "phone": "+4915112345678"},
                by=OWNER,
            )
            for kind in ("phone", "webauthn")
        ),
        Call("POST", "/factors/{factor_id}/challenge", client="mfa.challenge"),
        Call("POST", "/factors/{factor_id}/verify", client="mfa.verify"),
        Call("DELETE", "/factors/{factor_id}", client="mfa.unenroll"),
        Call("GET", "/factors/recovery-codes", client="mfa.recoveryCodes.getStatus"),
        Call("POST", "/factors/recovery-codes", client="mfa.recoveryCodes.generate"),
        Call("POST", "/factors/recovery-codes/verify", client="mfa.recoveryCodes.verify"),
        Call("POST", "/factors/recovery-codes/regenerate", client="mfa.recoveryCodes.regenerate"),
        Call("DELETE", "/factors/recovery-codes", client="mfa.recoveryCodes.unenroll"),
    ),
    "With the service key": (
        Call("GET", "/admin/users", client="admin.listUsers"),
        Call("POST", "/admin/users", "by address", "admin.createUser"),
        Call(
            "POST",
            "/admin/users",
            "by phone",
            "admin.createUser",
            refused=PHONE,
            body={"phone": "+4915112345678"},
            by=SERVER,
        ),
        Call("GET", "/admin/users/{user_id}", client="admin.getUserById"),
        Call("PUT", "/admin/users/{user_id}", client="admin.updateUserById"),
        Call("DELETE", "/admin/users/{user_id}", client="admin.deleteUser"),
        Call("GET", "/admin/users/{user_id}/factors", client="admin.mfa.listFactors"),
        Call("PUT", "/admin/users/{user_id}/factors/{factor_id}"),
        Call(
            "DELETE",
            "/admin/users/{user_id}/factors/{factor_id}",
            client="admin.mfa.deleteFactor",
        ),
        *(
            Call("POST", "/admin/generate_link", f"`{type}`", "admin.generateLink")
            for type in (
                *("signup", "invite", "magiclink", "recovery"),
                *("email_change_current", "email_change_new"),
            )
        ),
        Call("POST", "/invite", client="admin.inviteUserByEmail"),
        Call("POST", "/logout", "with a user's token", "admin.signOut"),
    ),
    "Left out whole: passkeys, and being an OAuth server": (
        *(
            Call(method, path, client=client, refused=(404, "not_found"), by=by)
            for method, path, client, by in (
                ("POST", "/passkeys/registration/options", "passkey.startRegistration", OWNER),
                ("POST", "/passkeys/registration/verify", "passkey.verifyRegistration", OWNER),
                ("POST", "/passkeys/authentication/options", "passkey.startAuthentication", NOBODY),
                ("POST", "/passkeys/authentication/verify", "passkey.verifyAuthentication", NOBODY),
                ("GET", "/passkeys", "passkey.list", OWNER),
                ("PATCH", "/passkeys/{id}", "passkey.update", OWNER),
                ("DELETE", "/passkeys/{id}", "passkey.delete", OWNER),
                ("GET", "/oauth/authorizations/{id}", "oauth.getAuthorizationDetails", OWNER),
                ("POST", "/oauth/authorizations/{id}/consent", "oauth.approveAuthorization", OWNER),
                ("GET", "/user/oauth/grants", "oauth.listGrants", OWNER),
                ("DELETE", "/user/oauth/grants", "oauth.revokeGrant", OWNER),
                ("GET", "/admin/users/{user_id}/passkeys", "admin.passkey.listPasskeys", SERVER),
                (
                    "DELETE",
                    "/admin/users/{user_id}/passkeys/{id}",
                    "admin.passkey.deletePasskey",
                    SERVER,
                ),
                ("GET", "/admin/oauth/clients", "admin.oauth.listClients", SERVER),
                ("POST", "/admin/oauth/clients", "admin.oauth.createClient", SERVER),
                ("GET", "/admin/oauth/clients/{id}", "admin.oauth.getClient", SERVER),
                ("PUT", "/admin/oauth/clients/{id}", "admin.oauth.updateClient", SERVER),
                ("DELETE", "/admin/oauth/clients/{id}", "admin.oauth.deleteClient", SERVER),
                (
                    "POST",
                    "/admin/oauth/clients/{id}/regenerate_secret",
                    "admin.oauth.regenerateClientSecret",
                    SERVER,
                ),
                ("GET", "/admin/custom-providers", "admin.customProviders.listProviders", SERVER),
                (
                    "POST",
                    "/admin/custom-providers",
                    "admin.customProviders.createProvider",
                    SERVER,
                ),
                (
                    "GET",
                    "/admin/custom-providers/{id}",
                    "admin.customProviders.getProvider",
                    SERVER,
                ),
                (
                    "PUT",
                    "/admin/custom-providers/{id}",
                    "admin.customProviders.updateProvider",
                    SERVER,
                ),
                (
                    "DELETE",
                    "/admin/custom-providers/{id}",
                    "admin.customProviders.deleteProvider",
                    SERVER,
                ),
            )
        ),
    ),
}
CALLS = [call for calls in SECTIONS.values() for call in calls]
