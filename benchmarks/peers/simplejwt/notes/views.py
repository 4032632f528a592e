"""A read of one row, by hand: a host's view for that one query."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.generics import ListAPIView
from rest_framework.serializers import ModelSerializer

from benchmarks.peers.simplejwt.notes.models import Note
from benchmarks.peers.simplejwt.policy import EnforcePolicyUnlessAnonymous


class NoteSerializer(ModelSerializer):
    class Meta:
        model = Note
        fields = ["id", "title"]


class NotesView(ListAPIView):
    permission_classes = [EnforcePolicyUnlessAnonymous]
    serializer_class = NoteSerializer

    def get_queryset(self) -> QuerySet[Note]:
        user: Any = self.request.user
        visible = Q(is_public=True)
        if user.is_authenticated:
            visible |= Q(owner=user)
        return Note.objects.filter(visible, pk=self.request.query_params["id"])
