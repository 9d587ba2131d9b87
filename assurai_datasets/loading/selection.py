"""What to keep, in every spelling people use, as conditions on columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import and_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from assurai_datasets.errors import UsageError
from assurai_datasets.schema.vocabulary import Scope, Stage
from assurai_datasets.taxonomy import load_taxonomy
from assurai_datasets.taxonomy.names import NameTable

RiskFactors = int | str | Iterable[int | str]
Names = str | Iterable[str]


@dataclass(frozen=True)
class Condition:
    """One condition: the value of a column is among some, or not below a least one; a null never is.

    Attributes:
        columns: The columns that can answer, the preferred one first, each with the values to keep.
        least: The smallest number to keep, where `columns` names no values.
    """

    columns: tuple[tuple[str, tuple[Any, ...]], ...]
    least: float | None = None

    def column_among(self, available: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
        """Return the column that answers in a dataset, and the values to keep.

        Raises:
            UsageError: The dataset has none of the columns.
        """
        for name, values in self.columns:
            if name in available:
                return name, values
        wanted = " or ".join(repr(name) for name, _ in self.columns)
        raise UsageError(
            f"the dataset has no column {wanted} to filter by; its columns are {', '.join(available)}; "
            "filter the config 'index' and take its ids"
        )

    def expression(self, available: Sequence[str]) -> pc.Expression:
        """Return the condition as an expression that Parquet readers push down."""
        name, values = self.column_among(available)
        return pc.field(name) >= self.least if self.least is not None else pc.field(name).isin(list(values))

    def mask(self, table: pa.Table) -> pa.ChunkedArray:
        """Return for each row of a table whether the condition holds."""
        name, values = self.column_among(table.column_names)
        column = table.column(name)
        if self.least is not None:
            return pc.fill_null(pc.greater_equal(column, self.least), fill_value=False)
        if pa.types.is_null(column.type):
            return pc.fill_null(column.cast(pa.bool_()), fill_value=False)
        try:
            return pc.is_in(column, value_set=pa.array(values, column.type))
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise UsageError(f"the column {name!r} holds {column.type} and not values like {values[0]!r}") from error


@dataclass(frozen=True)
class Selection:
    """Conditions that all must hold; no conditions keep everything."""

    conditions: tuple[Condition, ...]

    def expression(self, available: Sequence[str]) -> pc.Expression | None:
        """Return the selection as one expression over the columns there are, or None where it keeps everything.

        Raises:
            UsageError: A column is missing.
        """
        parts = [condition.expression(available) for condition in self.conditions]
        return reduce(and_, parts) if parts else None

    def columns(self, available: Sequence[str]) -> list[str]:
        """Return the columns the conditions need.

        Raises:
            UsageError: A column is missing.
        """
        return [condition.column_among(available)[0] for condition in self.conditions]

    def mask(self, table: pa.Table) -> pa.ChunkedArray:
        """Return for each row of a table whether every condition holds; there is at least one condition."""
        return reduce(pc.and_, (condition.mask(table) for condition in self.conditions))


def make_selection(
    *,
    risk_factor: RiskFactors | None = None,
    category: Names | None = None,
    prompt_type: Names | None = None,
    stage: Names | None = None,
    scope: Names | None = None,
    min_agreement: float | None = None,
) -> Selection:
    """Return what to keep; None keeps every value, a list any of its values.

    Args:
        risk_factor: Numbers 1-35, codes (`r04`), English or Korean names.
        category: English or Korean names.
        prompt_type: Names, codes (`QO`) or Korean names.
        stage: `seed`, `crowd`, `automated`.
        scope: `global`, `local`.
        min_agreement: Least agreement of an instance's annotators, 0 to 1; instances without one are left out.

    Raises:
        UnknownNameError: A name is not in the vocabulary; the message gives the nearest.
        UsageError: A list is empty, or the agreement is no number from 0 to 1.
    """
    taxonomy = load_taxonomy()
    found = (
        _risk_factors(risk_factor),
        _named("category", category, lambda query: taxonomy.category(query).name),
        _named("prompt_type", prompt_type, lambda query: taxonomy.prompt_type(query).name),
        _named("stage", stage, _closed("stage").find),
        _named("scope", scope, _closed("scope").find),
        None if min_agreement is None else Condition((("agreement", ()),), _checked_share(min_agreement)),
    )
    return Selection(tuple(condition for condition in found if condition is not None))


def _risk_factors(given: RiskFactors | None) -> Condition | None:
    if given is None:
        return None
    factors = [load_taxonomy().risk_factor(query) for query in _listed("risk_factor", given)]
    numbers, names = {factor.number for factor in factors}, {factor.name for factor in factors}
    return Condition((("risk_factor_id", tuple(sorted(numbers))), ("risk_factor", tuple(sorted(names)))))


def _named(column: str, given: Names | None, find: Callable[[str], str]) -> Condition | None:
    if given is None:
        return None
    return Condition(((column, tuple(sorted({find(query) for query in _listed(column, given)}))),))


def _listed(argument: str, value: Any) -> list[Any]:
    alone = isinstance(value, str | bytes) or not isinstance(value, Iterable)
    # Numbers out of numpy arrays and pandas columns are numbers too.
    values = [each.item() if hasattr(each, "item") else each for each in ([value] if alone else value)]
    if not values:
        raise UsageError(f"{argument} is an empty list, which would keep nothing; leave it out to keep everything")
    return values


@cache
def _closed(column: str) -> NameTable[str]:
    words = {"stage": Stage, "scope": Scope}[column].__args__  # type: ignore[attr-defined]
    return NameTable(column, [(word, (word,)) for word in words])


def _checked_share(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise UsageError(f"min_agreement must be a number from 0 to 1, not {value!r}")
