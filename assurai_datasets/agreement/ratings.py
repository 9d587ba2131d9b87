"""Ratings: the one table every figure of this room is computed from."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.errors import UsageError

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Judgements of units by annotators, one a row, sorted by unit, annotator, time and value.

    Built by `from_rows` or `from_columns`; memory grows with the number of judgements alone, never with units times
    annotators. The order in which judgements are given makes no difference.

    Attributes:
        unit: Index into `unit_ids`, one a judgement, ascending.
        annotator: Index into `annotator_ids`, one a judgement.
        value: The judgement as a number: the index into `values` where these are labels, else the number itself.
        time: Seconds since some fixed moment, `nan` where unknown.
        level: Level of measurement.
        values: The declared scale, in order, or for nominal ratings the labels that occur; None for plain numbers.
        unit_ids: Names of the units, sorted.
        annotator_ids: Names of the annotators, sorted.
    """

    unit: Integers
    annotator: Integers
    value: Floats
    time: Floats
    level: Level
    values: tuple[Hashable, ...] | None
    unit_ids: tuple[Hashable, ...]
    annotator_ids: tuple[Hashable, ...]

    def __post_init__(self) -> None:
        for column in (self.unit, self.annotator, self.value, self.time):
            column.setflags(write=False)

    @classmethod
    def from_rows(
        cls, rows: Iterable[Sequence[Any]], *, level: Level, values: Iterable[Hashable] | None = None
    ) -> "Ratings":
        """Return ratings from rows of (unit, annotator, value) or (unit, annotator, value, time in seconds).

        Args:
            rows: The judgements; one whose value is None is missing and is left out.
            level: Level of measurement. Nominal values may be anything hashable, the others are finite numbers, or
                labels of an ordinal scale declared in `values`.
            values: The whole scale in its order, when it is known: a category nobody chose counts in some figures.

        Raises:
            UsageError: If a row, a value, the level or the scale is not as described; the message names the row.
        """
        units, annotators, judgements, times = [], [], [], []
        for number, row in enumerate(rows, start=1):
            if not 3 <= len(row) <= 4:
                raise UsageError(f"row {number} must be (unit, annotator, value[, time]), not {row!r}")
            units.append(row[0])
            annotators.append(row[1])
            judgements.append(row[2])
            times.append(row[3] if len(row) == 4 else None)
        return cls.from_columns(units, annotators, judgements, level=level, values=values, times=times)

    @classmethod
    def from_columns(
        cls,
        units: Sequence[Hashable],
        annotators: Sequence[Hashable],
        judgements: Sequence[Any],
        *,
        level: Level,
        values: Iterable[Hashable] | None = None,
        times: Sequence[float | None] | None = None,
    ) -> "Ratings":
        """Return ratings from columns of equal length; see `from_rows`."""
        if level not in get_args(Level):
            raise UsageError(f"level must be one of {', '.join(get_args(Level))}, not {level!r}")
        columns = [units, annotators, judgements, *([] if times is None else [times])]
        if len({len(column) for column in columns}) > 1:
            raise UsageError(f"columns must have one length, not {[len(column) for column in columns]}")
        try:
            scale, value = _numbers(judgements, level, None if values is None else tuple(values))
            given = np.flatnonzero(~np.isnan(value)).tolist()
            unit_ids, unit = _index([units[row] for row in given])
            annotator_ids, annotator = _index([annotators[row] for row in given])
        except TypeError as fault:
            raise UsageError(f"units, annotators and labels must be hashable: {fault}") from None
        value, time = value[given], _seconds(times or [None] * len(units))[given]
        rows = np.lexsort((value, time, annotator, unit))
        return cls(unit[rows], annotator[rows], value[rows], time[rows], level, scale, unit_ids, annotator_ids)

    def __len__(self) -> int:
        """Return the number of judgements."""
        return len(self.unit)

    @property
    def labelled(self) -> bool:
        """Whether values stand for labels, rather than being numbers."""
        return self.values is not None and (self.level == "nominal" or _is_labelled(self.values))

    def label(self, value: float) -> Any:
        """Return what a number in `value` stands for: a label of the scale, or the number itself."""
        if self.values is None or not self.labelled:
            return int(value) if float(value).is_integer() else float(value)
        return self.values[int(value)]

    def keep(self, rows: NDArray[np.bool_] | Integers) -> "Ratings":
        """Return the judgements at these rows (a mask or ascending positions), without units that have none left."""
        present, unit = np.unique(self.unit[rows], return_inverse=True)
        return replace(
            self,
            unit=unit.astype(np.intp),
            annotator=self.annotator[rows],
            value=self.value[rows],
            time=self.time[rows],
            unit_ids=tuple(self.unit_ids[i] for i in present.tolist()),
        )

    def without_repeats(self) -> "Ratings":
        """Return ratings in which every annotator judges a unit once.

        The earliest judgement counts, one without a time last; among equals the smallest value.
        """
        fresh = np.ones(len(self), dtype=np.bool_)
        fresh[1:] = (np.diff(self.unit) != 0) | (np.diff(self.annotator) != 0)
        return self if bool(fresh.all()) else self.keep(fresh)

    def scale(self) -> Floats:
        """Return the categories as numbers, ascending, shape (categories,): the declared scale, else what occurs."""
        if self.values is None:
            return np.unique(self.value)
        if self.labelled:
            return np.arange(len(self.values), dtype=np.float64)
        return np.unique(np.array(self.values, dtype=np.float64))

    def groups(self, by: Mapping[Any, Any]) -> dict[str, "Ratings"]:
        """Return the ratings of every group, sorted; `by` maps a unit to its group, or to a tuple of groups, or None.

        Raises:
            UsageError: If `by` names none of the units.
        """
        members: dict[Any, list[int]] = {}
        for index, unit_id in enumerate(self.unit_ids):
            keys = by.get(unit_id)
            for key in keys if isinstance(keys, tuple) else () if keys is None else (keys,):
                members.setdefault(key, []).append(index)
        if self.unit_ids and not members:
            raise UsageError(f"by must map unit ids such as {self.unit_ids[0]!r} to groups; it names none of them")
        edges = np.searchsorted(self.unit, np.arange(len(self.unit_ids) + 1))
        return {str(key): self.keep(_ranges(edges, np.array(members[key]))) for key in _ordered(members)}


def units_by_annotator(ratings: Ratings) -> dict[Hashable, tuple[str, ...]]:
    """Return for every unit the names of those who judged it: `measure_agreement(..., by=units_by_annotator(r))`."""
    by: dict[Hashable, dict[str, None]] = {}
    for unit, annotator in zip(ratings.unit.tolist(), ratings.annotator.tolist(), strict=True):
        by.setdefault(ratings.unit_ids[unit], {})[str(ratings.annotator_ids[annotator])] = None
    return {unit_id: tuple(names) for unit_id, names in by.items()}


def _ranges(edges: Integers, chosen: Integers) -> Integers:
    """Return the positions edges[i]..edges[i + 1] of every chosen i, one after the other."""
    sizes = edges[chosen + 1] - edges[chosen]
    offsets = np.repeat(edges[chosen] - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
    positions: Integers = offsets + np.arange(int(sizes.sum()))
    return positions


def _index(names: Sequence[Hashable]) -> tuple[tuple[Hashable, ...], Integers]:
    """Return the distinct names, sorted, and the place of each name among them."""
    ordered = _ordered(names)
    place = {name: index for index, name in enumerate(ordered)}
    return tuple(ordered), np.fromiter((place[name] for name in names), dtype=np.intp, count=len(names))


def _ordered(names: Iterable[Any]) -> list[Any]:
    """Return distinct names sorted: as texts or whole numbers where all are, else by how they are written."""
    distinct = list(dict.fromkeys(names))
    if {type(name) for name in distinct} in ({str}, {int}):
        return sorted(distinct)
    return sorted(distinct, key=lambda name: (str(name), type(name).__name__))


def _is_labelled(values: tuple[Hashable, ...]) -> bool:
    return any(isinstance(value, bool) or not isinstance(value, int | float) for value in values)


def _numbers(
    judgements: Sequence[Any], level: Level, values: tuple[Hashable, ...] | None
) -> tuple[tuple[Hashable, ...] | None, Floats]:
    """Return the scale and every judgement as a number, `nan` where it is missing."""
    if values is not None and (not values or len(set(values)) < len(values)):
        raise UsageError(f"values must be distinct and at least one, not {values!r}")
    if level == "nominal" and values is None:
        values = tuple(_ordered(value for value in judgements if value is not None))
    if values is not None and (level == "nominal" or _is_labelled(values)):
        if level in ("interval", "ratio"):
            raise UsageError(f"values of a {level} scale must be numbers, not {values!r}")
        return values, _places(judgements, values)
    numbers = _finite(judgements, level)
    if values is not None:
        _refuse_outside(numbers, np.array(values, dtype=np.float64), values)
    return values, numbers


def _places(judgements: Sequence[Any], values: tuple[Hashable, ...]) -> Floats:
    place: dict[Any, float] = {value: float(index) for index, value in enumerate(values)}
    place[None] = place.get(None, np.nan)
    try:
        return np.fromiter((place[value] for value in judgements), dtype=np.float64, count=len(judgements))
    except KeyError as fault:
        raise UsageError(f"value {fault.args[0]!r} is not on the scale {values!r}; correct it or declare it") from None


def _finite(judgements: Sequence[Any], level: Level) -> Floats:
    try:
        numbers = np.array([np.nan if value is None else float(value) for value in judgements], dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise UsageError(f"a value of {level} ratings is no number ({fault}); declare the scale in values") from None
    for number, value in enumerate(judgements, start=1):
        if value is not None and not np.isfinite(numbers[number - 1]):
            raise UsageError(f"value {number} is {value!r}; give a finite number, or None where it is missing")
    if level == "ratio" and bool((numbers < 0).any()):
        raise UsageError(f"ratio ratings must not be negative, found {float(np.nanmin(numbers))!r}")
    return numbers


def _seconds(times: Sequence[float | None]) -> Floats:
    try:
        seconds = np.array([np.nan if time is None else float(time) for time in times], dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise UsageError(f"times must be seconds as numbers, or None where unknown ({fault})") from None
    if bool(np.isinf(seconds).any()):
        raise UsageError("times must be finite, or None where unknown")
    return seconds


def _refuse_outside(numbers: Floats, scale: Floats, values: tuple[Hashable, ...]) -> None:
    outside = numbers[~np.isnan(numbers) & ~np.isin(numbers, scale)]
    if len(outside):
        raise UsageError(f"value {float(outside[0])!r} is not on the scale {values!r}; correct it or declare it")
