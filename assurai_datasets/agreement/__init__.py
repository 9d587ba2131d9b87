"""How far annotators agree, what they agree on, and how well each of them works."""

from assurai_datasets.agreement.coefficients import (
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from assurai_datasets.agreement.cohen import PairKappa, cohen_kappa, cohen_kappas
from assurai_datasets.agreement.consensus import Decision, reach_consensus
from assurai_datasets.agreement.copying import find_copying
from assurai_datasets.agreement.dawid_skene import Reliability, fit_dawid_skene, fit_one_coin
from assurai_datasets.agreement.drift import find_drift
from assurai_datasets.agreement.findings import Finding
from assurai_datasets.agreement.independence import find_impossible_speeds, find_repeats, find_shared_comments
from assurai_datasets.agreement.intervals import MeanInterval, mean_interval, share_interval
from assurai_datasets.agreement.measure import Agreement, Estimate, measure_agreement
from assurai_datasets.agreement.quality import (
    AnnotatorQuality,
    Confusion,
    GoldDistance,
    assess_annotators,
    find_confusions,
    measure_gold_distance,
)
from assurai_datasets.agreement.ratings import Level, Ratings, units_by_annotator
from assurai_datasets.agreement.straight_lines import find_straight_lines

__all__ = [
    "Agreement",
    "AnnotatorQuality",
    "Confusion",
    "Decision",
    "Estimate",
    "Finding",
    "GoldDistance",
    "Level",
    "MeanInterval",
    "PairKappa",
    "Ratings",
    "Reliability",
    "assess_annotators",
    "cohen_kappa",
    "cohen_kappas",
    "find_confusions",
    "find_copying",
    "find_drift",
    "find_impossible_speeds",
    "find_repeats",
    "find_shared_comments",
    "find_straight_lines",
    "fit_dawid_skene",
    "fit_one_coin",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "mean_interval",
    "measure_agreement",
    "measure_gold_distance",
    "percent_agreement",
    "reach_consensus",
    "share_interval",
    "units_by_annotator",
]
