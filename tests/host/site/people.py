"""Who shopped here before LingAuth came: run by ``manage.py shell``."""

from django.contrib.auth.hashers import make_password
from shop.models import User

stored = make_password("correct horse battery", hasher="shop")
User.objects.bulk_create(
    [
        User(email="ana@example.com", password=stored),
        User(email="bob@example.com", password=stored),
        User(email="cleo@example.com", password=stored, is_active=False),
    ]
)
