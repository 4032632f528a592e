from django.contrib.auth import get_user_model
from django.test import TestCase, TransactionTestCase

from lingauth.models import Event
from lingauth.services import policy
from lingauth.services.adoption import adopt_users
from lingauth.services.backends import create_backend
from lingauth.services.context import Actor
from lingauth.testing import sign_in


class OrdersTest(TestCase):
    def test_orders_ask_for_a_code_once_the_switch_is_on(self):
        backend = create_backend(ref="shop", name="Shop", actor=Actor.system("tests")).backend
        user = get_user_model().objects.create_user("ana@example.com")
        adopt_users(backend=backend, actor=Actor.system("tests"))
        policy.change(
            backend_id=backend.pk,
            changes={"mfa_mode": "required"},
            actor=Actor.system("tests"),
        )

        ana = sign_in(backend, user.email)
        self.assertEqual(self.client.get("/orders", headers=ana.headers).status_code, 403)
        ana.verify()
        self.assertEqual(self.client.get("/orders", headers=ana.headers).status_code, 200)


class EmptiedTest(TransactionTestCase):
    """Its tables are emptied after each test, those that only grow among them."""

    def write(self):
        self.assertFalse(Event.objects.exists())
        create_backend(ref="shop", name="Shop", actor=Actor.system("tests"))
        self.assertTrue(Event.objects.exists())

    def test_once(self):
        self.write()

    def test_again(self):
        self.write()
