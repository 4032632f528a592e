"""A Django project for an API: as simplejwt's and django-otp's own pages set it up."""

from __future__ import annotations

import os
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from benchmarks.peers.databases import configured

SECRET_KEY = "only for measuring, on a database that is thrown away"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "benchmarks.peers.simplejwt.sessions",
    "benchmarks.peers.simplejwt.notes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
]
ROOT_URLCONF = "benchmarks.peers.simplejwt.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = configured()

PASSWORD_HASHERS = ["benchmarks.hashers.Argon2id"]
if os.environ.get("BENCH_FREE_HASH"):
    PASSWORD_HASHERS = ["benchmarks.hashers.Free"]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}

# Drawn from a fixed number, so that the seeding program and every worker have the same one.
_key = ec.derive_private_key(0x5EED5EED5EED5EED5EED5EED5EED5EED, ec.SECP256R1())
SIMPLE_JWT = {
    "ALGORITHM": "ES256",
    "SIGNING_KEY": _key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    "VERIFYING_KEY": _key.public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode(),
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": True,
    "TOKEN_OBTAIN_SERIALIZER": "benchmarks.peers.simplejwt.urls.PairSerializer",
}
