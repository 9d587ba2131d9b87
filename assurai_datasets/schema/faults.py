"""Faults across the fields of one record, raised together so that nobody has to mend them one by one."""

from collections.abc import Iterable
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from assurai_datasets.schema.codes import Code

ERROR_TYPE = "across_fields"


class Fault(NamedTuple):
    """One broken rule: its code, the field it shows in, what was found and what to do."""

    code: Code
    field: str
    message: str
    hint: str


def raise_faults(faults: Iterable[Fault]) -> None:
    """Raise one pydantic error that carries all faults in its context as `faults`; do nothing where there are none.

    Raises:
        PydanticCustomError: There is a fault; pydantic turns it into a `ValidationError`.
    """
    found = tuple(faults)
    if found:
        listing = "; ".join(f"{fault.field}: {fault.message}" for fault in found)
        raise PydanticCustomError(ERROR_TYPE, "{listing}", {"listing": listing, "faults": found})
