"""The `taxonomy` config: one row a risk factor, with its place in other taxonomies."""

from collections.abc import Iterator
from typing import Any

from assurai_datasets.formats.features import Features, list_of, value
from assurai_datasets.taxonomy import load_taxonomy

_TEXT = value("string")
TAXONOMY_COLUMNS: Features = {
    "number": value("int64"),
    "code": _TEXT,
    "name": _TEXT,
    "name_ko": _TEXT,
    "category": _TEXT,
    "category_ko": _TEXT,
    "definition": _TEXT,
    "definition_ko": _TEXT,
    "source": _TEXT,
    "sub_scenarios": list_of({"name": _TEXT, "name_ko": _TEXT}),
    "crosswalks": list_of({"scheme": _TEXT, "target_id": _TEXT, "target": _TEXT, "match": _TEXT, "note": _TEXT}),
}


def taxonomy_rows() -> Iterator[dict[str, Any]]:
    """Yield a row for each risk factor, by number."""
    taxonomy = load_taxonomy()
    crosswalks = [row for name in taxonomy.crosswalk_names for row in taxonomy.crosswalk(name)]
    for factor in taxonomy.risk_factors:
        row = {name: getattr(factor, name, None) for name in TAXONOMY_COLUMNS}
        row["category_ko"] = taxonomy.category(factor.category).name_ko
        row["sub_scenarios"] = [{"name": s.name, "name_ko": s.name_ko} for s in factor.sub_scenarios]
        row["crosswalks"] = [
            {"scheme": c.scheme, "target_id": c.target_id, "target": c.target, "match": c.match, "note": c.note}
            for c in crosswalks
            if c.risk_factor == factor.number
        ]
        yield row
