"""Coefficients of agreement as text."""

from assurai_datasets.agreement import Estimate


def estimate(value: Estimate) -> str:
    """Return a coefficient with its interval, or `-` where it cannot be told."""
    if value.value is None:
        return "-"
    interval = "" if value.low is None else f" ({value.low:z.2f} to {value.high:z.2f})"
    return f"{value.value:.3f}{interval}"
