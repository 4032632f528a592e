"""Row policies: whose rows somebody sees, changes and makes."""

from __future__ import annotations

import pytest

from lingauth.data import writes
from project.demo.models import Note
from tests.lingauth.data import people
from tests.lingauth.data.rows import World, notes, refused, titles, wish

pytestmark = pytest.mark.django_db


def test_anonymous_callers_read_the_public_rows_of_their_backend(world: World) -> None:
    assert titles(people.anon(world.acme)) == ["ann public", "bob public"]


def test_an_account_reads_public_rows_and_its_own(world: World) -> None:
    assert titles(people.signed_in(world.ann)) == ["ann public", "ann private", "bob public"]


def test_the_service_reads_every_row_of_its_backend(world: World) -> None:
    assert len(titles(people.service(world.acme))) == 4


def test_a_filter_cannot_reach_past_the_policy(world: World) -> None:
    secret = Note.objects.get(title="bob private")
    foreign = Note.objects.get(title="eve public")
    for pk in (secret.pk, foreign.pk):
        assert titles(people.signed_in(world.ann), f"id=eq.{pk}") == []
        assert titles(people.signed_in(world.ann), f"or=(id.eq.{pk},title.eq.nothing)") == []
    assert titles(people.signed_in(world.ann), "title=like.*private") == ["ann private"]


def test_anonymous_callers_write_nothing(world: World) -> None:
    policy, caller = notes().policy, people.anon(world.acme)
    assert not policy.may_insert(caller)
    assert not policy.may_update(caller)
    assert not policy.may_delete(caller)
    assert not Note.objects.filter(policy.writable_by(caller)).exists()


def test_an_account_changes_and_deletes_its_own_rows_only(world: World) -> None:
    caller = people.signed_in(world.ann)
    changed = writes.update(notes(), caller, wish("", "return=minimal"), {"title": "mine"})
    assert changed.count == 2
    assert Note.objects.filter(title="mine").values_list("owner", flat=True).distinct().get() == (
        world.ann.pk
    )
    gone = writes.delete(notes(), caller, wish("", "return=minimal"))
    assert gone.count == 2
    assert Note.objects.count() == 4


@pytest.mark.parametrize("prefer", ["return=minimal", "return=representation"])
def test_a_row_that_is_not_the_callers_is_as_if_it_did_not_exist(world: World, prefer: str) -> None:
    caller = people.signed_in(world.ann)
    for title in ("bob public", "bob private", "eve public"):
        pk = Note.objects.get(title=title).pk
        asked = wish(f"id=eq.{pk}", prefer)
        assert writes.update(notes(), caller, asked, {"title": "taken"}).count == 0
        assert writes.delete(notes(), caller, asked).count == 0
    assert Note.objects.count() == 6
    assert not Note.objects.filter(title="taken").exists()


def test_what_an_account_inserts_is_its_own(world: World) -> None:
    done = writes.insert(notes(), people.signed_in(world.ann), wish(), {"title": "new"})
    assert done.rows is not None
    (row,) = done.rows
    assert list(row) == ["id", "owner", "title", "body", "is_public", "created_at"]
    assert (row["owner"], row["body"], row["is_public"]) == (world.ann.uuid, "", False)
    assert Note.objects.get(title="new").backend == world.acme


@pytest.mark.parametrize("who", ["bob", "eve"])
def test_an_account_cannot_give_a_row_to_somebody_else(world: World, who: str) -> None:
    caller, owner = people.signed_in(world.ann), str(getattr(world, who).uuid)
    body = {"title": "gift", "owner": owner}
    assert refused(writes.insert, notes(), caller, wish(), body) == (403, "42501")
    assert refused(writes.update, notes(), caller, wish(), {"owner": owner}) == (403, "42501")
    assert Note.objects.count() == 6


def test_an_account_may_name_itself_as_owner(world: World) -> None:
    body = {"title": "new", "owner": str(world.ann.uuid)}
    assert writes.insert(notes(), people.signed_in(world.ann), wish(), body).count == 1


def test_the_service_inserts_for_any_account_of_its_backend_and_no_other(world: World) -> None:
    caller = people.service(world.acme)
    body = {"title": "new", "owner": str(world.bob.uuid)}
    assert writes.insert(notes(), caller, wish(), body).count == 1
    assert Note.objects.get(title="new").owner == world.bob
    foreign = {"title": "new", "owner": str(world.eve.uuid)}
    unknown = {"title": "new", "owner": "00000000-0000-4000-8000-000000000000"}
    assert refused(writes.insert, notes(), caller, wish(), foreign) == (409, "23503")
    assert refused(writes.insert, notes(), caller, wish(), unknown) == (409, "23503")
    assert refused(writes.insert, notes(), caller, wish(), {"title": "x"}) == (400, "23502")


def test_the_service_can_hand_a_row_over(world: World) -> None:
    pk = Note.objects.get(title="ann private").pk
    asked = wish(f"id=eq.{pk}")
    done = writes.update(notes(), people.service(world.acme), asked, {"owner": str(world.bob.uuid)})
    assert done.rows is not None
    assert done.rows[0]["owner"] == world.bob.uuid
