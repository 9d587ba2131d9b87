import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from statsmodels.stats.inter_rater import cohens_kappa

from assurai_datasets.agreement import Ratings, cohen_kappa, cohen_kappas, measure_agreement
from assurai_datasets.agreement import counts as counts_module
from assurai_datasets.errors import LimitError

judgements = arrays.arrays(np.int64, st.tuples(st.just(2), st.integers(2, 40)), elements=st.integers(0, 3))


def two(table: np.ndarray, level: str) -> Ratings:
    return Ratings.from_rows([(u, a, int(table[a, u])) for a in (0, 1) for u in range(table.shape[1])], level=level,
                             values=[0, 1, 2, 3])  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(judgements, st.sampled_from([("nominal", None), ("ordinal", "quadratic"), ("interval", "quadratic")]))
def test_kappa_of_two_annotators_equals_statsmodels(table, kind):
    level, weights = kind
    confusion = np.zeros((4, 4))
    np.add.at(confusion, (table[0], table[1]), 1)
    ours = cohen_kappa(two(table, level), floor=1)
    if len(np.unique(table)) < 2:
        assert np.isnan(ours)
        return
    theirs = cohens_kappa(confusion, wt=weights, return_results=False)
    assert ours == pytest.approx(float(theirs), abs=1e-9)


def test_the_mean_of_many_pairs_is_weighted_by_shared_units(random_ratings):
    ratings = random_ratings(3, units=60, level="nominal")
    ratings = ratings.keep(np.random.default_rng(0).random(len(ratings)) < 0.7)
    pairs = cohen_kappas(ratings, floor=5)
    assert len(pairs) == 10
    assert len({pair.n_units for pair in pairs}) > 3
    mean = sum(pair.kappa * pair.n_units for pair in pairs) / sum(pair.n_units for pair in pairs)
    assert cohen_kappa(ratings, floor=5) == pytest.approx(mean, abs=1e-12)


def test_pairs_below_the_floor_are_left_out():
    rows = [(f"u{u}", a, u % 2) for u in range(12) for a in ("a", "b")] + [("u0", "c", 1), ("u1", "c", 0)]
    ratings = Ratings.from_rows(rows, level="nominal")
    assert [pair.annotators for pair in cohen_kappas(ratings)] == [("a", "b")]
    assert len(cohen_kappas(ratings, floor=2)) == 3


def test_too_many_pairs_are_refused_and_noted(monkeypatch, random_ratings):
    monkeypatch.setattr(counts_module, "PAIR_LIMIT", 10)
    with pytest.raises(LimitError, match="measure parts"):
        cohen_kappas(random_ratings())
    agreement = measure_agreement(random_ratings(), resamples=0)
    assert agreement.cohen_kappa.value is None
    assert "pairs of judgements" in (agreement.cohen_kappa.note or "")
    assert agreement.krippendorff_alpha.value is not None
