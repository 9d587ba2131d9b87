"""The vocabulary: risk factors, categories, prompt types and cross-walks, as data files with look-ups."""

from assurai_datasets.taxonomy.crosswalk import CrosswalkRow
from assurai_datasets.taxonomy.taxonomy import (
    Category,
    PromptType,
    PromptVariant,
    RiskFactor,
    SubScenario,
    Taxonomy,
    load_taxonomy,
)

__all__ = [
    "Category",
    "CrosswalkRow",
    "PromptType",
    "PromptVariant",
    "RiskFactor",
    "SubScenario",
    "Taxonomy",
    "load_taxonomy",
]
