"""Fields of the settings pages. ``kind`` says how the page draws one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from console.words import lasting

UNITS = ((1, "seconds"), (60, "minutes"), (3600, "hours"), (86400, "days"))


class Switch(forms.BooleanField):
    """On or off. Absent from the address means off."""

    kind = "switch"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)


class Whole(forms.IntegerField):
    """A number within its bounds."""

    kind = "number"

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        wrong = f"A whole number from {least} to {most}."
        super().__init__(
            min_value=least,
            max_value=most,
            error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
            widget=forms.NumberInput(attrs={"class": "input input--short", "inputmode": "numeric"}),
            **kwargs,
        )


class Text(forms.CharField):
    kind = "text"


class Addresses(forms.CharField):
    """One more address for a list that the page shows."""

    kind = "addresses"


class DurationInput(forms.MultiWidget):
    """A number and its unit."""

    def __init__(self) -> None:
        number = forms.NumberInput(
            attrs={"class": "input input--short", "inputmode": "numeric", "min": "0"}
        )
        unit = forms.Select(choices=UNITS, attrs={"class": "select", "aria-label": "Unit"})
        super().__init__({"": number, "unit": unit})

    def decompress(self, value: Any) -> list[Any]:
        """Seconds in the largest unit that leaves nothing over."""
        if not value:
            return [value, 60]
        size = max(size for size, _ in UNITS if value % size == 0)
        return [value // size, size]


class Duration(forms.MultiValueField):
    """Whole seconds within bounds, typed as a number of some unit. ``none``: 0 is allowed too."""

    kind = "duration"

    def __init__(self, *, least: int, most: int, none: bool = False, **kwargs: Any) -> None:
        self.least, self.most, self.none = least, most, none
        span = f"From {lasting(least)} to {lasting(most)}" if least else f"Up to {lasting(most)}"
        self.wrong = f"{span}{', or 0' if none else ''}."
        wrong = dict.fromkeys(("required", "incomplete", "invalid", "invalid_choice"), self.wrong)
        super().__init__(
            fields=(
                forms.IntegerField(error_messages=wrong),
                forms.TypedChoiceField(choices=UNITS, coerce=int, error_messages=wrong),
            ),
            widget=DurationInput(),
            error_messages=wrong,
            **kwargs,
        )

    def compress(self, data_list: Any) -> int:
        number, size = data_list
        seconds: int = number * size
        if not (self.least <= seconds <= self.most or (self.none and seconds == 0)):
            raise forms.ValidationError(self.wrong)
        return seconds


class Several(forms.MultipleChoiceField):
    """Any of some words."""

    kind = "several"

    def __init__(self, *, words: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(
            required=False,
            choices=list(words.items()),
            widget=forms.CheckboxSelectMultiple(),
            **kwargs,
        )
