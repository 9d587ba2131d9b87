"""How far annotators agree, what they agree on, and how well each of them works."""

from assurai_datasets.agreement.coefficients import (
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from assurai_datasets.agreement.cohen import PairKappa, cohen_kappa, cohen_kappas
from assurai_datasets.agreement.intervals import MeanInterval, mean_interval, share_interval
from assurai_datasets.agreement.measure import Agreement, Estimate, measure_agreement
from assurai_datasets.agreement.ratings import Level, Ratings, units_by_annotator

__all__ = [
    "Agreement",
    "Estimate",
    "Level",
    "MeanInterval",
    "PairKappa",
    "Ratings",
    "cohen_kappa",
    "cohen_kappas",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "mean_interval",
    "measure_agreement",
    "percent_agreement",
    "share_interval",
    "units_by_annotator",
]
