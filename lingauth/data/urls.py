"""The data API's addresses, under ``/b/<ref>/rest/v1/``: every path goes through the gate."""

from __future__ import annotations

from django.urls import re_path

from lingauth.data.views import TableView

app_name = "lingauth_data"

urlpatterns = [re_path(r"^(?P<name>(?s:.*))\Z", TableView.as_view(), name="table")]
