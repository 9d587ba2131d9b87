import pytest

from assurai_datasets.agreement import Ratings, find_impossible_speeds, find_repeats, find_shared_comments

REMARK = "The answer names a hotline, which is what we ask for."


def test_an_annotator_who_judged_a_unit_twice_is_found():
    rows = [("u1", "a", 1), ("u1", "a", 1), ("u2", "a", 1), ("u2", "a", 4), ("u1", "b", 1), ("u3", "b", 2)]
    (finding,) = find_repeats(Ratings.from_rows(rows, level="ordinal"))
    assert (finding.kind, finding.annotator_ids, finding.unit_ids) == ("repeat", ("a",), ("u1", "u2"))
    assert finding.message == "judged 2 units more than once, 1 of them with different values"


def test_a_comment_of_two_annotators_is_found_whatever_its_spacing_and_case():
    rows = [
        ("u1", "a", REMARK),
        ("u2", "b", "  " + REMARK.upper().replace(" ", "  ")),
        ("u3", "c", "quite another remark here"),
    ]
    (finding,) = find_shared_comments(rows)
    assert (finding.annotator_ids, finding.unit_ids, finding.statistic) == (("a", "b"), ("u1", "u2"), 2)
    assert "hotline" not in finding.message


def test_short_missing_and_ones_own_comments_are_nobodys_copy():
    rows = [
        ("u1", "a", "fine"),
        ("u1", "b", "fine"),
        ("u2", "a", None),
        ("u2", "b", ""),
        ("u3", "a", REMARK),
        ("u4", "a", REMARK),
    ]
    assert find_shared_comments(rows) == []


def paced(seconds: float, *, start: float = 7.0, who: str = "a", count: int = 30) -> list[tuple[str, str, int, float]]:
    return [(f"u{i}", who, i % 3, start + i * seconds) for i in range(count)]


def test_judgements_too_fast_to_read_are_found():
    rows = paced(0.5) + paced(9.5, who="b")
    (finding,) = find_impossible_speeds(Ratings.from_rows(rows, level="ordinal"))
    assert (finding.annotator_ids, len(finding.unit_ids), finding.statistic) == (("a",), 30, pytest.approx(0.5))


def test_only_the_fast_run_within_honest_work_is_named():
    rows = paced(30.5, count=20) + [(f"v{i}", "a", 1, 5000.5 + i) for i in range(12)] + [("w", "a", 1, 9000.0)]
    (finding,) = find_impossible_speeds(Ratings.from_rows(rows, level="ordinal"))
    assert finding.unit_ids == tuple(sorted(f"v{i}" for i in range(12)))


@pytest.mark.parametrize("step", [60, 3600, 86_400])
def test_times_to_the_minute_hour_or_day_accuse_nobody(step):
    rows = [(f"u{i}", "a", 1, float(step * (i // 6))) for i in range(60)]
    assert find_impossible_speeds(Ratings.from_rows(rows, level="ordinal")) == []


def test_without_times_or_with_few_judgements_there_is_nothing_to_say():
    rows = [row[:3] for row in paced(0.1)]
    assert find_impossible_speeds(Ratings.from_rows(rows, level="ordinal")) == []
    assert find_impossible_speeds(Ratings.from_rows(paced(0.1, count=9), level="ordinal")) == []
