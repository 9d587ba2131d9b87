"""Repairing the texts of an instance on request, and saying what was repaired."""

from copy import deepcopy
from typing import Any

from assurai_datasets.schema.codes import Code
from assurai_datasets.schema.faults import Fault
from assurai_datasets.schema.texts import text_places, texts_of
from assurai_datasets.text import normalize_text

HINT = "nothing, if this was meant; the delivery itself is as it was"


def repair_texts(values: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the values of an instance with NFC and white-space repairs, and what was done to each text.

    The values given stay as they are.
    """
    if all(normalize_text(text)[0] == text for _, text in texts_of(values)):
        return values, []
    repaired = deepcopy(values)
    done = []
    for field, holder, key in text_places(repaired):
        holder[key], repairs = normalize_text(holder[key])
        if repairs:
            what = "; ".join(repair.what for repair in repairs)
            done.append(Fault(Code.INSTANCE_TEXT_NORMALIZED, field, f"--normalize {what}", HINT))
    return repaired, done
