"""The time between the frames of a clip, while they pass by: whether it varies, and whether there is a hole in it."""

from array import array
from dataclasses import dataclass, field
from statistics import median

STEADY = 1.5
"""Where the longest time between frames exceeds the shortest by more than this factor, the rate is variable."""
MOSTLY = 0.9
"""A clip of which this part of the times between frames is usual has a rate of which a hole stands out."""
HOLE = 10
HOLE_S = 0.5
"""A time that no frame covers is a hole from as many usual steps and seconds on."""


@dataclass(slots=True)
class Pace:
    """Steps from frame to frame, in seconds, and the longest time between the end of one and the start of the next."""

    steps_s: "array[float]" = field(default_factory=lambda: array("d"))
    longest_s: float = 0.0

    def add(self, step_s: float, uncovered_s: float) -> None:
        """Take in a frame but the first: the time since the one before began, and since it ended."""
        self.steps_s.append(step_s)
        if uncovered_s > self.longest_s:
            self.longest_s = uncovered_s

    @property
    def is_variable(self) -> bool:
        """Whether the time between frames varies."""
        return bool(self.steps_s) and max(self.steps_s) > STEADY * max(min(self.steps_s), 1e-9)

    @property
    def hole_s(self) -> float:
        """The longest time that no frame covers, where a clip is steady but for such; else 0."""
        if self.longest_s < HOLE_S:
            return 0.0
        usual_s = median(self.steps_s)
        steady = sum(usual_s / STEADY <= step_s <= usual_s * STEADY for step_s in self.steps_s)
        return self.longest_s if self.longest_s > HOLE * usual_s and steady > MOSTLY * len(self.steps_s) else 0.0
