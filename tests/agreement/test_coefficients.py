"""Coefficients against published examples, `krippendorff` and statsmodels."""

import warnings

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from assurai_datasets.agreement import (
    Ratings,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from assurai_datasets.agreement import coefficients as module
from assurai_datasets.errors import LimitError

LEVELS = ("nominal", "ordinal", "interval", "ratio")

OBSERVERS = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
"""Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 4 observers by 12 units."""


def from_table(table: np.ndarray, level: str, **options: object) -> Ratings:
    """Ratings of a table of annotators by units, nan where missing."""
    rows = [(u, a, table[a, u]) for a, u in zip(*np.nonzero(~np.isnan(table)), strict=True)]
    return Ratings.from_rows(rows, level=level, **options)  # type: ignore[arg-type]


def example(level: str) -> Ratings:
    table = [[np.nan if cell == "." else float(cell) for cell in row.split()] for row in OBSERVERS.strip().splitlines()]
    return from_table(np.array(table), level)


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorffs_example_is_as_published(level, published):
    assert krippendorff_alpha(example(level)) == pytest.approx(published, abs=5e-4)


def test_gwets_coefficients_of_the_same_example_are_as_published():
    """Gwet (2014), the table of 4 raters and 12 subjects that the irrCAC package prints its figures for."""
    assert percent_agreement(example("nominal")) == pytest.approx(0.8181818, abs=5e-8)
    assert gwet_ac1(example("nominal")) == pytest.approx(0.77544, abs=5e-6)
    assert fleiss_kappa(example("nominal")) == pytest.approx(0.76117, abs=5e-6)


tables = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 6), st.integers(2, 20)),
    elements=st.sampled_from([np.nan, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0]),
)


@settings(max_examples=150, deadline=None)
@given(tables, st.sampled_from(LEVELS))
def test_alpha_equals_krippendorff_on_any_table(table, level):
    pairable = (~np.isnan(table)).sum(axis=0) > 1
    if len(np.unique(table[:, pairable][~np.isnan(table[:, pairable])])) < 2:
        assert np.isnan(krippendorff_alpha(from_table(table, level)))
        return
    theirs = krippendorff.alpha(table, level_of_measurement=level)
    assert krippendorff_alpha(from_table(table, level)) == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=80, deadline=None)
@given(arrays.arrays(np.int64, st.tuples(st.integers(2, 30), st.integers(2, 6)), elements=st.integers(0, 4)))
def test_fleiss_kappa_equals_statsmodels_on_complete_tables(table):
    if len(np.unique(table)) < 2:
        assert np.isnan(fleiss_kappa(from_table(table.T.astype(float), "nominal")))
        return
    theirs = statsmodels_fleiss(aggregate_raters(table)[0])
    assert fleiss_kappa(from_table(table.T.astype(float), "nominal")) == pytest.approx(theirs, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_percent_agreement_ac1_and_ac2_equal_their_definitions_pair_by_pair(table):
    scale = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0]
    ratings = from_table(table, "interval", values=scale)
    units = [[scale.index(v) for v in unit if not np.isnan(v)] for unit in table.T]
    pairs = [[(a, b) for i, a in enumerate(u) for j, b in enumerate(u) if i != j] for u in units if len(u) > 1]
    if not pairs:
        assert np.isnan(percent_agreement(ratings))
        return
    share = np.mean([[u.count(k) / len(u) for k in range(6)] for u in units if u], axis=0)
    identity = np.eye(6)
    quadratic = 1 - (np.subtract.outer(scale, scale) / 8) ** 2
    for coefficient, weights in ((gwet_ac1, identity), (gwet_ac2, quadratic)):
        agreed = np.mean([np.mean([weights[pair] for pair in unit]) for unit in pairs])
        chance = weights.sum() / 30 * (share * (1 - share)).sum()
        assert coefficient(ratings) == pytest.approx((agreed - chance) / (1 - chance), abs=1e-9)
        if coefficient is gwet_ac1:
            assert percent_agreement(ratings) == pytest.approx(agreed, abs=1e-9)


def test_a_category_nobody_chose_counts_for_ac1_when_the_scale_declares_it():
    rows = [(u, a, int(u % 2 == a)) for u in range(6) for a in range(2)]
    assert gwet_ac1(Ratings.from_rows(rows, level="nominal")) == pytest.approx(-1.0)
    assert gwet_ac1(Ratings.from_rows(rows, level="nominal", values=[0, 1, 2])) == pytest.approx(-1 / 3)


@pytest.mark.parametrize("level", LEVELS)
def test_full_agreement_is_one_and_no_variation_is_undefined(level):
    same = Ratings.from_rows([(u, a, u % 3 + 1) for u in range(9) for a in range(3)], level=level)
    flat = Ratings.from_rows([(u, a, 2) for u in range(9) for a in range(3)], level=level)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for coefficient in (krippendorff_alpha, fleiss_kappa, gwet_ac1, gwet_ac2):
            assert coefficient(same) == pytest.approx(1.0, abs=1e-12)
            assert np.isnan(coefficient(flat))
        assert (percent_agreement(same), percent_agreement(flat)) == (1.0, 1.0)


@pytest.mark.parametrize("level", ["interval", "ordinal"])
def test_alpha_stays_exact_far_from_zero(level):
    """Dates in seconds: naive sums of squares lose every digit here."""
    random = np.random.default_rng(1)
    table = 1.7e9 + random.integers(0, 50, (3, 30)).astype(float)
    theirs = krippendorff.alpha(table - 1.7e9, level_of_measurement=level)
    assert krippendorff_alpha(from_table(table, level)) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
def test_no_ratings_and_single_ratings_are_undefined_not_a_crash(level):
    for rows in ([], [("i", "a", 1)], [("i", "a", 1), ("j", "a", 2)]):
        ratings = Ratings.from_rows(rows, level=level)
        for coefficient in (krippendorff_alpha, fleiss_kappa, gwet_ac1, gwet_ac2, percent_agreement):
            assert np.isnan(coefficient(ratings))


def test_too_many_ratio_values_are_refused_and_other_levels_are_not(monkeypatch):
    monkeypatch.setattr(module, "RATIO_VALUE_LIMIT", 5)
    rows = [(u, a, u + a) for u in range(10) for a in range(2)]
    with pytest.raises(LimitError, match="round them"):
        krippendorff_alpha(Ratings.from_rows(rows, level="ratio"))
    assert krippendorff_alpha(Ratings.from_rows(rows, level="interval")) > 0


def test_one_unit_with_many_annotators_takes_no_pairs():
    """200,000 judgements of one unit are 2e10 pairs; interval and ordinal alpha never make them."""
    values = (np.arange(200_000) % 997).astype(float).tolist()
    for level in ("nominal", "ordinal", "interval"):
        ratings = Ratings.from_columns(["u"] * len(values), list(range(len(values))), values, level=level)
        assert abs(krippendorff_alpha(ratings)) < 1e-4
