from django.contrib.auth.hashers import make_password

from lingauth.core.errors import AccountExists
from shop.models import User


def create_user(*, backend, account_uuid, email, password):
    """Whoever signs up is a customer under their own address."""
    if User.objects.filter(email__iexact=email).exists():
        raise AccountExists
    return User.objects.create(email=email, password=password or make_password(None))
