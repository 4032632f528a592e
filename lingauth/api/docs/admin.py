"""The calls of a backend's own servers."""

from __future__ import annotations

from typing import Final

from drf_spectacular.utils import OpenApiParameter

from lingauth.api.docs import admin_shapes, answers
from lingauth.api.docs.mail_flows import EMPTY, REDIRECT_TO
from lingauth.api.docs.operation import Access, Operation, Refusal
from lingauth.api.views.admin import factors, mail, users
from lingauth.core.errors import (
    AccountExists,
    AccountNotFound,
    Conflict,
    EmailExists,
    FactorNameTaken,
    FactorNotFound,
    ValidationFailed,
    WeakPassword,
)
from lingauth.services.admin.listing import MAX_PER_PAGE, PER_PAGE, SORTED_BY

ADMIN = "For the backend's servers"

_UUID = {"type": "string", "format": "uuid"}
_USER = OpenApiParameter("user_id", _UUID, OpenApiParameter.PATH, description="An account")
_FACTOR = OpenApiParameter("factor_id", _UUID, OpenApiParameter.PATH, description="A factor")
_NOT_AN_ID = Refusal(404, "validation_failed", "user_id must be an UUID")
_NO_PHONE = Refusal(400, "phone_provider_disabled", "Phone logins are disabled")
_STAFF = Refusal(403, "not_admin", "User not allowed, or an account of somebody who runs the site")

ADMIN_CALLS: Final[dict[tuple[type, str], Operation]] = {
    (users.UsersView, "GET"): Operation(
        id="adminListUsers",
        tag=ADMIN,
        summary="List accounts",
        description=(
            "Newest first, those softly deleted among them. `X-Total-Count` says how many match, "
            "`Link` where the next and the last page are."
        ),
        access=Access.SERVICE,
        parameters=(
            OpenApiParameter("page", str, description="From 1."),
            OpenApiParameter(
                "per_page", str, description=f"{PER_PAGE}, and at most {MAX_PER_PAGE}."
            ),
            OpenApiParameter(
                "filter", str, description="A part of the address, `name` or `full_name`."
            ),
            OpenApiParameter(
                "sort", str, description=f"One of {', '.join(SORTED_BY)}, then `asc` or `desc`."
            ),
        ),
        answer=admin_shapes.UserList,
        refusals=(ValidationFailed,),
    ),
    (users.UsersView, "POST"): Operation(
        id="adminCreateUser",
        tag=ADMIN,
        summary="Make an account",
        description=(
            "No mail is sent. Without a password it is entered by a mailed code or link. "
            "`user_metadata` is stored as it is given."
        ),
        access=Access.SERVICE,
        body=admin_shapes.NewUser,
        answer=answers.User,
        refusals=(EmailExists, AccountExists, WeakPassword, _NO_PHONE),
    ),
    (users.UserView, "GET"): Operation(
        id="adminGetUser",
        tag=ADMIN,
        summary="Read an account",
        description="With its identities and factors.",
        access=Access.SERVICE,
        parameters=(_USER,),
        answer=answers.User,
        refusals=(AccountNotFound, _NOT_AN_ID),
    ),
    (users.UserView, "PUT"): Operation(
        id="adminUpdateUser",
        tag=ADMIN,
        summary="Change an account",
        description=(
            "At once, without asking its owner and without a mail. A new password, a new address "
            "and a ban end every session and void what was mailed."
        ),
        access=Access.SERVICE,
        body=admin_shapes.UserChange,
        parameters=(_USER,),
        answer=answers.User,
        refusals=(AccountNotFound, _NOT_AN_ID, EmailExists, WeakPassword, _NO_PHONE, _STAFF),
    ),
    (users.UserView, "DELETE"): Operation(
        id="adminDeleteUser",
        tag=ADMIN,
        summary="Delete an account",
        description=(
            "With its sessions, factors and identities, and with its user of the host project, "
            "unless that was there before the account. Softly, by a body "
            '`{"should_soft_delete": true}`, its id remains and nothing else; the address is free '
            "either way."
        ),
        access=Access.SERVICE,
        body=admin_shapes.Deletion,
        parameters=(_USER,),
        answer=EMPTY,
        refusals=(AccountNotFound, _NOT_AN_ID, Conflict),
    ),
    (factors.FactorsView, "GET"): Operation(
        id="adminListFactors",
        tag=ADMIN,
        summary="List an account's factors",
        description="Recovery codes are one of them. Never a secret.",
        access=Access.SERVICE,
        parameters=(_USER,),
        answer=admin_shapes.FACTORS,
        refusals=(AccountNotFound, _NOT_AN_ID),
    ),
    (factors.FactorView, "PUT"): Operation(
        id="adminUpdateFactor",
        tag=ADMIN,
        summary="Rename an authenticator",
        description="Its owner is told by mail.",
        access=Access.SERVICE,
        body=admin_shapes.FactorChange,
        parameters=(_USER, _FACTOR),
        answer=answers.Factor,
        refusals=(AccountNotFound, FactorNotFound, _NOT_AN_ID, FactorNameTaken, _NO_PHONE),
    ),
    (factors.FactorView, "DELETE"): Operation(
        id="adminDeleteFactor",
        tag=ADMIN,
        summary="Remove a factor",
        description=(
            "For somebody who lost it. Every session falls to `aal1` at once, the recovery codes "
            "go with the last authenticator, and the owner is told by mail."
        ),
        access=Access.SERVICE,
        parameters=(_USER, _FACTOR),
        answer=answers.Factor,
        refusals=(AccountNotFound, FactorNotFound, _NOT_AN_ID),
    ),
    (mail.GenerateLinkView, "POST"): Operation(
        id="adminGenerateLink",
        tag=ADMIN,
        summary="Make the link and the code of a mail",
        description=(
            "For mails that a server of yours sends; none is sent from here. `signup`, `invite` "
            "and `magiclink` make the account where there is none. Each works once, and a new one "
            "voids the one before."
        ),
        access=Access.SERVICE,
        body=admin_shapes.LinkRequest,
        parameters=(REDIRECT_TO,),
        answer=admin_shapes.UserWithLink,
        refusals=(AccountNotFound, EmailExists, WeakPassword, _STAFF),
    ),
    (mail.InviteView, "POST"): Operation(
        id="adminInvite",
        tag=ADMIN,
        summary="Invite somebody by mail",
        description=(
            "Makes an account without a password, whose owner comes in by the mail's link or code. "
            "One that was never confirmed is invited once more."
        ),
        access=Access.SERVICE,
        body=admin_shapes.Invitation,
        parameters=(REDIRECT_TO,),
        answer=answers.User,
        refusals=(EmailExists,),
    ),
}
