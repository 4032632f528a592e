"""The shapes of admin requests and answers."""

from __future__ import annotations

from rest_framework import serializers

from lingauth.api import shapes_admin
from lingauth.api.docs.answers import Answer, Factor, User
from lingauth.api.docs.bodies import Body, an_object, needed
from lingauth.api.shapes import Text
from lingauth.services.admin.links import TYPES


def _flag(help_text: str) -> shapes_admin.Flag:
    return shapes_admin.Flag(help_text=help_text)


class UserChange(Body):
    """What to set at once; the rest stays."""

    read_as = shapes_admin.AdminUserBody
    email = Text(help_text="Another address. Ends every session.")
    email_confirm = _flag("Whether the address counts as confirmed from now on.")
    password = Text(help_text="Another password. Ends every session.")
    password_hash = Text(
        help_text="Or a hash made elsewhere: bcrypt, argon2i, argon2id, Firebase's scrypt."
    )
    ban_duration = Text(
        help_text="Such as `24h` or `1h30m`, from now; `none` ends a ban. A ban ends every session."
    )
    user_metadata = an_object("Merged into it; a member that is null removes it.")
    app_metadata = an_object(
        "Merged into it; a member that is null removes it. `provider` and `providers` are ours."
    )


class NewUser(UserChange):
    """An account to make."""

    id = Text(help_text="The uuid it is to have.")
    email = needed("Its address.")


class Deletion(Body):
    """How thoroughly."""

    read_as = shapes_admin.DeleteUserBody
    should_soft_delete = _flag("Keep the account under its id, marked and emptied.")


class FactorChange(Body):
    """What to change."""

    read_as = shapes_admin.AdminFactorBody
    friendly_name = Text(help_text="Another name.")


class LinkRequest(Body):
    """Which link."""

    read_as = shapes_admin.LinkBody
    type = serializers.ChoiceField(choices=list(TYPES))
    email = needed("The account's address.")
    new_email = Text(help_text="With `email_change_current` and `email_change_new`.")
    password = Text(help_text="With `signup`: the password that comes with the confirmation.")
    data = an_object(  # type: ignore[assignment]  # the contract's word, not Serializer.data
        "The `user_metadata` of a new account."
    )
    redirect_to = Text(help_text="Where the link leads in the end; the query's, if both are given.")


class Invitation(Body):
    """Whom to invite."""

    read_as = shapes_admin.InviteBody
    email = needed("Where the mail goes.")
    data = an_object(  # type: ignore[assignment]  # the contract's word, not Serializer.data
        "The `user_metadata` of the account."
    )
    redirect_to = Text(help_text="Where the link leads in the end; the query's, if both are given.")


class UserList(Answer):
    """One page."""

    users = User(many=True)
    aud = serializers.ChoiceField(choices=["authenticated"])


class UserWithLink(User):
    """The account, and what a mail to it would hold. This is the only time it can be read."""

    action_link = serializers.CharField(help_text="The link of the mail.")
    email_otp = serializers.CharField(help_text="The code of the mail.")
    hashed_token = serializers.CharField(help_text="What `verify` takes as `token_hash`.")
    verification_type = serializers.ChoiceField(choices=list(TYPES))
    redirect_to = serializers.CharField(help_text="Where the link leads in the end.")


FACTORS = Factor(many=True)
