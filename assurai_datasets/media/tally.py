"""What samples tell when they pass by block by block, in memory that does not grow with the length of a sound."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.media.findings import Fault, make_fault
from assurai_datasets.media.limits import MediaLimits
from assurai_datasets.schema.codes import Code

if TYPE_CHECKING:
    from hashlib import _Hash

SILENT_PEAK = 0.001
"""A sound whose peak stays below this (-60 dB of full scale) counts as silent."""
FULL_SCALE = 0.9999
CLIPPED_RUN = 3
"""This many samples in a row at full scale count as clipping."""


@dataclass(slots=True)
class SampleTally:
    """Length, peak, clipping and digest of a sound."""

    channels: int
    sample_rate_hz: int
    samples: int = 0
    peak: float = 0.0
    is_clipped: bool = False
    hasher: "_Hash" = field(default_factory=hashlib.sha256)

    def add(self, block: NDArray[np.float32]) -> None:
        """Take in samples of shape (n_samples, n_channels), 1.0 being full scale."""
        if not len(block):
            return
        self.samples += len(block)
        peak = max(float(block.max()), -float(block.min()))
        if not np.isfinite(peak) or not np.isfinite(self.peak):
            self.peak = np.nan
            return
        self.peak = max(self.peak, peak)
        self.is_clipped = self.is_clipped or (peak >= FULL_SCALE and _has_run(np.abs(block) >= FULL_SCALE))
        whole = block * np.float32(32768)
        if peak >= FULL_SCALE:
            np.clip(whole, -32768, 32767, out=whole)
        self.hasher.update(np.ascontiguousarray(whole, "<i2").data)

    @property
    def duration_s(self) -> float:
        """Length of what was taken in."""
        return self.samples / self.sample_rate_hz

    def facts(self) -> dict[str, Any]:
        """Return fields of `MediaFile`."""
        self.hasher.update(f"{self.channels} {self.sample_rate_hz}".encode())
        is_heard = bool(self.samples and np.isfinite(self.peak))
        return {
            "channels": self.channels,
            "sample_rate_hz": self.sample_rate_hz,
            "samples": self.samples,
            "duration_s": self.duration_s,
            "peak": self.peak if is_heard else None,
            "is_silent": bool(self.samples and self.peak < SILENT_PEAK),
            "is_clipped": self.is_clipped,
            "sample_hash": self.hasher.hexdigest()[:32] if is_heard else None,
        }


def sound_limit_faults(facts: dict[str, Any], limits: MediaLimits) -> Iterator[Fault]:
    """Yield a fault for each limit that a sound's declared properties exceed."""
    if (facts.get("declared_duration_s") or 0) > limits.max_duration_s:
        yield make_fault(Code.MEDIA_TOO_LARGE, f"declares a length of {facts['declared_duration_s']:.0f} s")
    elif (facts.get("sample_rate_hz") or 0) > limits.max_sample_rate_hz:
        yield make_fault(Code.MEDIA_TOO_LARGE, f"has {facts['sample_rate_hz']:,} samples a second")
    elif (facts.get("channels") or 0) > limits.max_channels:
        yield make_fault(Code.MEDIA_TOO_LARGE, f"has {facts['channels']} channels")


def sample_faults(facts: dict[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with decoded samples."""
    if facts["samples"] and facts["peak"] is None:
        yield make_fault(Code.MEDIA_UNREADABLE, "holds samples that are not finite numbers")
    elif facts["samples"] and facts["is_silent"]:
        yield make_fault(Code.MEDIA_SILENT, f"the loudest sample is {facts['peak']:.6f} of full scale")


def _has_run(full: NDArray[np.bool_]) -> bool:
    runs = full[: len(full) - CLIPPED_RUN + 1].copy()
    for step in range(1, CLIPPED_RUN):
        runs &= full[step : len(full) - CLIPPED_RUN + 1 + step]
    return bool(runs.any())
