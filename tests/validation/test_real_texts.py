"""What is odd about published Korean data is named, and nothing of it is refused."""

from pathlib import Path

from assurai_datasets import validate


def test_the_control_characters_and_repeated_pairs_of_kobbq_are_named(real_folder: Path) -> None:
    """Known truths: 16 rows hold U+0008, and 12 pairs of context and question repeat."""
    report = validate(real_folder / "kobbq", mapping="kobbq")
    assert (report.instances, report.errors) == (2280, ())
    assert report.counts["instance-text-control"] == 16
    assert report.counts["instance-text-duplicate"] == 12
    assert set(report.counts) == {"instance-text-control", "instance-text-duplicate", "instance-text-near-duplicate"}


def test_what_looks_like_personal_data_in_real_texts_is_rare_and_masked(real_folder: Path) -> None:
    report = validate(real_folder / "kosbi", mapping="kosbi")
    assert (report.instances, report.errors) == (3423, ())
    shown = [issue.message for issue in report if issue.code == "instance-personal-data"]
    assert len(shown) <= 3
    assert not any(digit in message for message in shown for digit in "0123456789")
