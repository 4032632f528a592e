"""What the settings pages have in common, as a form. Sent by GET: nothing changes before it is
confirmed."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django import forms

from console.settings_words import NAMES
from lingauth.core.errors import ValidationFailed
from lingauth.models import Backend
from lingauth.pages.forms import PageForm
from lingauth.services import policy


class SettingsForm(PageForm):
    """Some of a backend's settings, each under its own name.

    ``version`` is the policy version the operator was looking at.
    """

    title: ClassVar[str]
    settings: ClassVar[tuple[str, ...]]

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, backend: Backend, **kwargs: Any) -> None:
        self.backend = backend
        super().__init__(*args, **kwargs)
        for name in self.settings:
            if name in self.fields:
                self.fields[name].label = NAMES[name][0]

    @classmethod
    def showing(cls, backend: Backend) -> Self:
        """The form as the backend is set now."""
        values = {name: getattr(backend, name) for name in cls.settings}
        return cls(backend=backend, initial={**values, "version": backend.policy_version})

    def clean(self) -> dict[str, Any]:
        """What the service would refuse is said beside the field, before anything is asked."""
        data = super().clean() or {}
        changes = self._changes(data)
        while changes:
            try:
                policy.validate(backend=self.backend, changes=changes)
            except ValidationFailed as error:
                name, _, sentence = error.message.partition(": ")
                self.add_error(self.beside(name), sentence)
                del changes[name]
            else:
                break
        return data

    def beside(self, setting: str) -> str:
        """The field whose fault a refused setting is."""
        return setting

    def changes(self) -> dict[str, Any]:
        """What would differ from the backend as it is; empty if nothing would."""
        return self._changes(self.cleaned_data)

    def _changes(self, data: dict[str, Any]) -> dict[str, Any]:
        wanted = self.wanted(data)
        return {name: v for name, v in wanted.items() if getattr(self.backend, name) != v}

    def wanted(self, data: dict[str, Any]) -> dict[str, Any]:
        """The settings as the form has them."""
        return {name: data[name] for name in self.settings if name in data}

    @property
    def rows(self) -> list[forms.BoundField]:
        """What the page shows, in order."""
        return [self[self.beside(name)] for name in self.settings]
