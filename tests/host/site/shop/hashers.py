from django.contrib.auth.hashers import PBKDF2PasswordHasher


class ShopHasher(PBKDF2PasswordHasher):
    """What the shop has stored all these years."""

    algorithm = "shop"
    iterations = 1000
