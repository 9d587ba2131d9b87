"""The words of the models are those of the taxonomy."""

from typing import get_args

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.schema.codes import WARNINGS, Code, severity_of
from assurai_datasets.schema.issue import make_issue
from assurai_datasets.schema.report import Report
from assurai_datasets.schema.vocabulary import PromptTypeName, PromptVariant
from assurai_datasets.taxonomy import load_taxonomy
from assurai_datasets.workflow.schemas import make_schema


def test_prompt_types_are_those_of_the_taxonomy() -> None:
    assert get_args(PromptTypeName) == tuple(p.name for p in load_taxonomy().prompt_types)


def test_prompt_variants_are_those_of_the_taxonomy() -> None:
    taxonomy = load_taxonomy()
    assert {taxonomy.prompt_variant(name).name for name in get_args(PromptVariant)} == set(get_args(PromptVariant))
    with pytest.raises(UsageError):
        taxonomy.prompt_variant("persuasive")


def test_the_schema_names_every_risk_factor_in_every_form() -> None:
    number, names = make_schema("instance")["properties"]["risk_factor"]["anyOf"]
    factors = load_taxonomy().risk_factors
    assert (number["minimum"], number["maximum"]) == (1, len(factors))
    assert {form for f in factors for form in (f.code, f.name, f.name_ko)} <= set(names["enum"])


def test_codes_begin_with_their_subject_and_stand_in_order() -> None:
    subjects = ("delivery", "instance", "media", "annotation", "review", "policy")
    codes = [code.value for code in Code]
    assert codes == [code for subject in subjects for code in sorted(codes) if code.startswith(f"{subject}-")]
    assert all(Code[code.value.upper().replace("-", "_")] is code for code in Code)


def test_every_code_is_a_warning_or_an_error() -> None:
    assert {code for code in Code if severity_of(code) == "warning"} == WARNINGS


def test_a_report_is_in_the_order_of_places_whatever_the_order_found() -> None:
    issues = [
        make_issue(Code.MEDIA_SILENT, "m", "h", file=file, line=line)
        for file, line in (("b", 1), ("a", 10), ("a", 2), ("a", None))
    ]
    report = Report.of(4, issues)
    assert report == Report.of(4, reversed(issues))
    assert [(issue.where.file, issue.where.line) for issue in report] == [("a", None), ("a", 2), ("a", 10), ("b", 1)]
    assert (report.counts, report.errors, len(report.warnings)) == ({"media-silent": 4}, (), 4)
