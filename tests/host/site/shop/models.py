from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **values):
        user = self.model(email=self.normalize_email(email), **values)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """Somebody who shops here, known by e-mail and by nothing else."""

    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    def __str__(self):
        return self.email
