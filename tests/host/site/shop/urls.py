from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from lingauth.middleware import api_first
from shop import probes, views

urlpatterns = [
    path("orders", api_first(views.OrdersView.as_view())),
    path("refunds", views.RefundView.as_view()),
    path("probe", probes.ProbeView.as_view()),
    path("busy", probes.BusyView.as_view()),
    path("schema", SpectacularAPIView.as_view()),
    path("b/<slug:ref>/", include("lingauth.urls")),
    path("backends", include("console.urls")),
]
