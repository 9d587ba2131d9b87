"""Where the texts and media of an instance stand: what a model is shown, and what models answered."""

from collections.abc import Iterator
from typing import Any

TEXT_FIELDS = ("prompt", "persona", "expertise", "prior_response")
_LISTS = (("turns", "content"), ("choices", None), ("constraints", None), ("responses", "text"))


def texts_of(instance: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the field and the text of everything in an instance that a model or a reader sees.

    Args:
        instance: An instance as JSON values; what is not of the type the model asks for is passed over.
    """
    for field, holder, key in text_places(instance):
        yield field, holder[key]


def mentions_of(instance: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the field and the value of every medium an instance or one of its responses names."""
    if isinstance(media := instance.get("media"), dict):
        yield "media", media
    responses = instance.get("responses")
    for position, response in enumerate(responses if isinstance(responses, list) else ()):
        if isinstance(response, dict) and isinstance(media := response.get("media"), dict):
            yield f"responses.{position}.media", media


def text_places(instance: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the field of each text of an instance, the object or list that holds it, and its key or position there."""
    for field in TEXT_FIELDS:
        if isinstance(instance.get(field), str):
            yield field, instance, field
    for field, part in _LISTS:
        items = instance.get(field)
        for position, item in enumerate(items) if isinstance(items, list) else ():
            if part is None and isinstance(item, str):
                yield f"{field}.{position}", items, position
            elif part is not None and isinstance(item, dict) and isinstance(item.get(part), str):
                yield f"{field}.{position}.{part}", item, part
