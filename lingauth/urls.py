"""Everything of one backend. Include it under a prefix that names the backend::

path("b/<slug:ref>/", include("lingauth.urls"))
"""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("auth/v1/", include("lingauth.api.urls")),
    path("rest/v1/", include("lingauth.data.urls")),
    path("", include("lingauth.api.docs.urls")),
    path("", include("lingauth.pages.urls")),
]
