"""The data API as PostgREST's clients see it: statuses, headers and bodies.

Long, because the protocol is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse

from project.demo.models import Note
from tests.lingauth.data.site import Person, Site, bytes_of, json_of

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """Acme with Ann, who has three notes; two are public."""

    site: Site
    ann: Person
    notes: list[Note]

    def call(self, method: str, path: str = "notes", **kwargs: Any) -> HttpResponse:
        headers = self.site.as_user(self.ann.aal1) | kwargs.pop("headers", {})
        return self.site.call(method, path, headers=headers, **kwargs)


@pytest.fixture
def world() -> World:
    site = Site("acme")
    ann = site.person("ann")
    made = [site.note(ann, title, public=title != "c") for title in "abc"]
    return World(site, ann, made)


RETURN = {"Prefer": "return=representation"}
SINGLE = {"Accept": "application/vnd.pgrst.object+json"}


def test_rows_have_the_keys_asked_for_in_that_order_and_iso_times(world: World) -> None:
    response = world.call("GET", "notes?order=id&limit=1")
    note = world.notes[0]
    assert response.content.decode() == json.dumps(
        [
            {
                "id": note.pk,
                "owner": str(world.ann.account.uuid),
                "title": "a",
                "body": "",
                "is_public": True,
                "created_at": note.created_at.isoformat(),
            }
        ],
        separators=(",", ":"),
    )
    assert response["Content-Type"] == "application/json; charset=utf-8"
    chosen = world.call("GET", "notes?order=id&select=heading:title,id")
    assert [list(row) for row in json_of(chosen)] == [["heading", "id"]] * 3


def test_text_is_sent_as_utf_8(world: World) -> None:
    world.call("POST", body={"title": "Grüße ☃"})
    response = world.call("GET", "notes?select=title&title=like.Gr*")
    assert response.content == '[{"title":"Grüße ☃"}]'.encode()


@pytest.mark.parametrize(
    ("query", "headers", "status", "content_range", "count"),
    [
        ("", {}, 200, "0-2/*", 3),
        ("title=eq.z", {}, 200, "*/*", 0),
        ("limit=2", {}, 200, "0-1/*", 2),
        ("limit=0", {}, 200, "*/*", 0),
        ("offset=1", {}, 200, "1-2/*", 2),
        ("offset=9", {}, 200, "*/*", 0),
        ("", {"Range": "1-1"}, 200, "1-1/*", 1),
        ("", {"Range": "1-"}, 200, "1-2/*", 2),
        ("", {"Prefer": "count=exact"}, 200, "0-2/3", 3),
        ("limit=2", {"Prefer": "count=exact"}, 206, "0-1/3", 2),
        ("offset=1", {"Prefer": "count=exact"}, 206, "1-2/3", 2),
        ("offset=3", {"Prefer": "count=exact"}, 206, "*/3", 0),
        ("title=eq.z", {"Prefer": "count=exact"}, 200, "*/0", 0),
        ("limit=0", {"Prefer": "count=estimated"}, 206, "*/3", 0),
    ],
)
def test_the_window_and_the_total_are_in_content_range(
    world: World, query: str, headers: dict[str, str], status: int, content_range: str, count: int
) -> None:
    response = world.call("GET", f"notes?{query}", headers=headers)
    assert (response.status_code, response["Content-Range"]) == (status, content_range)
    assert len(json_of(response)) == count


def test_a_window_past_a_known_total_is_416(world: World) -> None:
    response = world.call("GET", "notes?offset=9", headers={"Prefer": "count=exact"})
    assert (response.status_code, json_of(response)["code"]) == (416, "PGRST103")


@pytest.mark.parametrize("query", ["", "limit=2", "title=eq.z", "id=eq.x", "offset=9"])
@pytest.mark.parametrize("prefer", ["", "count=exact"])
@pytest.mark.parametrize("anonymous", [False, True])
def test_head_has_the_headers_of_get_and_no_body(
    world: World, query: str, prefer: str, anonymous: bool
) -> None:
    headers = world.site.as_anon() if anonymous else world.site.as_user(world.ann.aal1)
    headers |= {"Prefer": prefer}
    got = world.site.call("GET", f"notes?{query}", headers=headers)
    head = world.site.call("HEAD", f"notes?{query}", headers=headers)
    assert head.content == b""
    assert bytes_of(head)[:2] == bytes_of(got)[:2]


def test_one_object_is_sent_without_a_list(world: World) -> None:
    pk = world.notes[0].pk
    response = world.call("GET", f"notes?id=eq.{pk}&select=id", headers=SINGLE)
    assert json_of(response) == {"id": pk}
    assert response["Content-Type"] == "application/vnd.pgrst.object+json; charset=utf-8"


@pytest.mark.parametrize(("query", "rows"), [("id=eq.0", 0), ("", 3)])
def test_no_object_or_several_are_406(world: World, query: str, rows: int) -> None:
    response = world.call("GET", f"notes?{query}", headers=SINGLE)
    body = json_of(response)
    assert (response.status_code, body["code"]) == (406, "PGRST116")
    assert body["details"] == f"The result contains {rows} rows"


def test_an_insert_is_201_and_empty_unless_asked_otherwise(world: World) -> None:
    response = world.call("POST", body={"title": "new"})
    assert (response.status_code, response.content) == (201, b"")
    assert "Content-Type" not in response
    assert response["Content-Range"] == "*/*"


def test_an_insert_can_say_where_the_row_is(world: World) -> None:
    response = world.call("POST", body={"title": "x"}, headers={"Prefer": "return=headers-only"})
    note = Note.objects.get(title="x")
    assert response["Location"] == f"{world.site.url()}?id=eq.{note.pk}"
    assert response["Preference-Applied"] == "return=headers-only"


def test_an_insert_can_send_the_row_back(world: World) -> None:
    response = world.call(
        "POST", "notes?select=title,owner", body={"title": "new"}, headers=RETURN | SINGLE
    )
    assert response.status_code == 201
    assert json_of(response) == {"title": "new", "owner": str(world.ann.account.uuid)}


def test_many_rows_are_inserted_at_once_as_postgrest_js_sends_them(world: World) -> None:
    response = world.call(
        "POST",
        "notes?columns=%22title%22%2C%22is_public%22&select=title,is_public",
        body=[{"title": "x", "is_public": True}, {"title": "y", "is_public": False}],
        headers=RETURN | {"Content-Profile": "public"},
    )
    assert json_of(response) == [
        {"title": "x", "is_public": True},
        {"title": "y", "is_public": False},
    ]


def test_an_empty_list_inserts_nothing(world: World) -> None:
    response = world.call("POST", body=[], headers=RETURN)
    assert (response.status_code, json_of(response)) == (201, [])


def test_an_upsert_that_makes_nothing_new_is_200(world: World) -> None:
    headers = {"Prefer": "resolution=merge-duplicates"}
    merged = world.call("POST", body={"id": world.notes[0].pk, "title": "x"}, headers=headers)
    assert (merged.status_code, Note.objects.get(pk=world.notes[0].pk).title) == (200, "x")
    assert world.call("POST", body={"title": "new"}, headers=headers).status_code == 201


def test_one_bad_row_of_many_keeps_all_out(world: World) -> None:
    response = world.call("POST", body=[{"title": "good"}, {"title": None}])
    assert (response.status_code, json_of(response)["code"]) == (400, "23502")
    assert Note.objects.count() == 3


def test_a_change_without_a_filter_changes_all_own_rows(world: World) -> None:
    bob = world.site.person("bob")
    world.site.note(bob, "bob", public=True)
    response = world.call("PATCH", body={"title": "z"}, headers={"Prefer": "count=exact"})
    assert (response.status_code, response.content) == (204, b"")
    assert response["Content-Range"] == "0-2/3"
    assert sorted(Note.objects.values_list("title", flat=True)) == ["bob", "z", "z", "z"]


def test_a_change_can_send_the_rows_back(world: World) -> None:
    response = world.call(
        "PATCH",
        "notes?title=in.(a,b)&select=title,body&order=id",
        body={"body": "x"},
        headers=RETURN,
    )
    assert response.status_code == 200
    assert json_of(response) == [{"title": "a", "body": "x"}, {"title": "b", "body": "x"}]


def test_a_change_that_matches_nothing_is_204_or_an_empty_list(world: World) -> None:
    path = "notes?id=eq.0"
    assert world.call("PATCH", path, body={"title": "x"}).status_code == 204
    response = world.call("PATCH", path, body={"title": "x"}, headers=RETURN)
    assert (response.status_code, json_of(response)) == (200, [])
    single = world.call("PATCH", path, body={"title": "x"}, headers=RETURN | SINGLE)
    assert single.status_code == 406


def test_a_deletion_can_send_the_rows_back(world: World) -> None:
    pk = world.notes[0].pk
    response = world.call("DELETE", f"notes?id=eq.{pk}&select=title", headers=RETURN)
    assert (response.status_code, json_of(response)) == (200, [{"title": "a"}])
    assert response["Content-Range"] == "*/*"
    assert not Note.objects.filter(pk=pk).exists()


def test_a_deletion_without_a_filter_deletes_all_own_rows_and_no_others(world: World) -> None:
    bob = world.site.person("bob")
    world.site.note(bob, "bob", public=True)
    assert world.call("DELETE").status_code == 204
    assert list(Note.objects.values_list("title", flat=True)) == ["bob"]


def test_a_put_replaces_one_row(world: World) -> None:
    pk = world.notes[0].pk
    path, body = f"notes?id=eq.{pk}", {"id": pk, "title": "new"}
    assert world.call("PUT", path, body=body).status_code == 204
    response = world.call("PUT", f"{path}&select=title,is_public", body=body, headers=RETURN)
    assert (response.status_code, json_of(response)) == (
        200,
        [{"title": "new", "is_public": False}],
    )


def test_other_peoples_and_other_backends_rows_are_as_if_they_did_not_exist(world: World) -> None:
    bob = world.site.person("bob")
    other = Site("other")
    eve = other.person("eve")
    hidden = [world.site.note(bob, "bob's"), other.note(eve, "eve's", public=True)]
    for method, body in (
        ("GET", None),
        ("HEAD", None),
        ("PATCH", {"title": "x"}),
        ("PUT", {"title": "x"}),
        ("DELETE", None),
    ):
        answers = []
        for pk in [note.pk for note in hidden] + [10**12]:
            sent = {**body, "id": pk} if method == "PUT" and body else body
            response = world.call(method, f"notes?id=eq.{pk}", body=sent, headers=RETURN)
            answers.append(bytes_of(response))
        assert answers[0] == answers[1] == answers[2]
    assert {note.title for note in Note.objects.filter(pk__in=[n.pk for n in hidden])} == {
        "bob's",
        "eve's",
    }


def test_a_note_cannot_be_given_away(world: World) -> None:
    bob = world.site.person("bob")
    response = world.call("POST", body={"title": "x", "owner": str(bob.account.uuid)})
    assert (response.status_code, json_of(response)["code"]) == (403, "42501")


def test_the_service_key_writes_for_any_account_of_its_backend(world: World) -> None:
    body = {"title": "x", "owner": str(world.ann.account.uuid)}
    headers = world.site.as_service() | RETURN
    response = world.site.call("POST", "notes?select=owner", headers=headers, body=body)
    assert json_of(response) == [{"owner": str(world.ann.account.uuid)}]


@pytest.mark.parametrize("path", ["nothing", "Notes", "notes/", "notes/5", "lingauth_account", "é"])
def test_a_table_that_is_not_offered_is_404(world: World, path: str) -> None:
    response = world.call("GET", path)
    assert (response.status_code, json_of(response)["code"]) == (404, "PGRST205")


def test_a_function_is_404_in_the_words_of_functions(world: World) -> None:
    response = world.call("POST", "rpc/anything", body={})
    assert (response.status_code, json_of(response)["code"]) == (404, "PGRST202")


@pytest.mark.parametrize("header", ["Accept-Profile", "Content-Profile"])
def test_a_schema_that_is_not_offered_is_406(world: World, header: str) -> None:
    method = "GET" if header == "Accept-Profile" else "POST"
    response = world.call(method, body={"title": "x"}, headers={header: "auth"})
    assert (response.status_code, json_of(response)["code"]) == (406, "PGRST106")


def test_a_form_that_is_not_offered_is_406(world: World) -> None:
    response = world.call("GET", headers={"Accept": "text/csv"})
    assert (response.status_code, json_of(response)["code"]) == (406, "PGRST107")


def test_what_users_get_is_never_stored_and_everything_varies_by_caller(world: World) -> None:
    for headers in (world.site.as_user(world.ann.aal1), world.site.as_service()):
        for path in ("notes", "notes?id=x", "nothing"):
            response = world.site.call("GET", path, headers=headers)
            assert "no-store" in response["Cache-Control"]
            assert {"authorization", "apikey"} <= varies(response)
    response = world.site.call("GET", headers=world.site.as_anon())
    assert {"authorization", "apikey"} <= varies(response)


def varies(response: HttpResponse) -> set[str]:
    return {name.strip().lower() for name in response["Vary"].split(",")}


def test_a_browser_may_read_the_headers_that_the_clients_need(world: World) -> None:
    headers = world.site.as_anon() | {"Origin": "https://app.example"}
    response = world.site.call("GET", headers=headers)
    if "Access-Control-Allow-Origin" in response:
        exposed = response["Access-Control-Expose-Headers"].lower()
        assert "content-range" in exposed
        assert "preference-applied" in exposed


def test_a_put_without_its_key_is_told_the_methods_that_there_are(world: World) -> None:
    """As every 405 has to (RFC 9110 section 15.5.6)."""
    response = world.call("PUT", "notes", body={"id": 1, "title": "x"})
    assert response.status_code == 405
    assert {"GET", "POST", "PATCH", "PUT", "DELETE"} <= set(response["Allow"].split(", "))
