from django.urls import include, path

from shop import views

urlpatterns = [
    path("orders", views.OrdersView.as_view()),
    path("refunds", views.RefundView.as_view()),
    path("b/<slug:ref>/", include("lingauth.urls")),
    path("backends", include("console.urls")),
]
