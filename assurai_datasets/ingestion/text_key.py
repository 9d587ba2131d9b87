"""What makes two instances ask the same."""

import hashlib
from collections.abc import Iterator

from assurai_datasets.schema.instance import Instance
from assurai_datasets.text import fold_text

KEY_BYTES = 16


def text_key(instance: Instance) -> bytes:
    """Return a key of 16 bytes that instances share when they show a model the same.

    Texts count as the same after `fold_text`; media by their path.
    """
    shown = "\x1f".join(fold_text(part) for part in _parts(instance))
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES]


def _parts(instance: Instance) -> Iterator[str]:
    yield instance.prompt
    yield from (turn.content for turn in instance.turns or ())
    yield from (part or "" for part in (instance.persona, instance.expertise, instance.prior_response))
    yield from instance.constraints or ()
    yield f"{instance.modality} {instance.media.path if instance.media else ''}"
