from typing import Any

import pytest

from assurai_datasets.formats.yaml import YamlError, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: no", {"a": "no"}),
        ("a: 2024-05-01", {"a": "2024-05-01"}),
        ("a: 007", {"a": "007"}),
        ("a: '1'", {"a": "1"}),
        ("a: !!str 1", {"a": "1"}),
        ("a: [1, 2.5, -3, true, null, ~, 1e3]", {"a": [1, 2.5, -3, True, None, None, 1000.0]}),
        ("1: x\ntrue: y", {"1": "x", "true": "y"}),
        ("\ufeffa: 한글", {"a": "한글"}),
        ("a: &x [1, 2]\nb: *x", {"a": [1, 2], "b": [1, 2]}),
        ("a: .inf", {"a": ".inf"}),
        ("a: 123456789012345678901234567890", {"a": 123456789012345678901234567890.0}),
    ],
)
def test_plain_values_are_read_without_surprises(text: str, value: Any) -> None:
    assert read_yaml(text).value == value


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: 2\na: 3", 3, "twice"),
        ("a:\n  - {x: 1,\n     x: 2}", 3, "twice"),
        ("a: !!python/object/apply:os.system ['true']", 1, "tag"),
        ("a: 1\n---\nb: 2", 2, "second document"),
        ("a: 1\n  b: 2", 2, "not YAML"),
        ("a: [1,\n2", 2, "not YAML"),
        ("? [a]\n: 1", 1, "key"),
        ("a: *x", 1, "alias"),
        ("a: &x [*x]", 1, "alias"),
        ("a: 1e999", 1, "finite"),
        ("a: \x00", 1, "not YAML"),
        ("a: " + "x" * 2**20, 1, "longer"),
        ("[" * 10_000, 1, "nested deeper"),
        ("\n".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]" for n in range(20)), 6, "more than"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, line: int, found: str) -> None:
    with pytest.raises(YamlError, match=found) as caught:
        read_yaml(text)
    assert caught.value.line == line


def test_every_value_knows_its_line_and_an_absent_one_that_of_its_nearest_ancestor() -> None:
    document = read_yaml("# a comment\nlabels:\n  acceptable:\n    level: nominal\n    values:\n      - a\n      - b\n")
    assert document.line_of(("labels", "acceptable", "values", 1)) == 7
    assert document.line_of(("labels", "acceptable", "level")) == 4
    assert document.line_of(("labels", "acceptable", "min")) == 3
    assert document.line_of(("elsewhere",)) == 2
