"""The mailbox's pages. Where mail goes to people, none of them exists."""

from __future__ import annotations

from django.urls import path

from project.mailbox import views

app_name = "mailbox"

urlpatterns = [
    path("mailbox", views.every, name="list"),
    path("mailbox/<str:key>", views.one, name="mail"),
    path("mailbox/<str:key>/html", views.html, name="html"),
]
