"""The vocabulary: risk factors, categories, prompt types, cross-walks, guidelines and the plan, as data files."""

from assurai_datasets.taxonomy.crosswalk import CrosswalkRow
from assurai_datasets.taxonomy.guidelines import (
    Boundary,
    Example,
    Guidelines,
    PromptTypeGuideline,
    RiskFactorGuideline,
    Rule,
    ScalePoint,
    load_guidelines,
)
from assurai_datasets.taxonomy.plan import Plan, PlannedCounts, load_plan
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
    "Boundary",
    "Category",
    "CrosswalkRow",
    "Example",
    "Guidelines",
    "Plan",
    "PlannedCounts",
    "PromptType",
    "PromptTypeGuideline",
    "PromptVariant",
    "RiskFactor",
    "RiskFactorGuideline",
    "Rule",
    "ScalePoint",
    "SubScenario",
    "Taxonomy",
    "load_guidelines",
    "load_plan",
    "load_taxonomy",
]
