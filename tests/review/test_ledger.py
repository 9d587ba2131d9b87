"""The ledger only grows, and shows every change of its past."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assurai_datasets.errors import DataError, LimitError, UsageError
from assurai_datasets.review import (
    Decision,
    append_decisions,
    read_ledger,
    reviewer_pseudonym,
    verify_ledger,
)
from assurai_datasets.review import ledger as ledger_module
from assurai_datasets.review.ledger import lines_of_ledger


@pytest.fixture
def filled(ledger_path: Path, make_decision: Callable[..., Decision], key: bytes) -> Path:
    steps = [
        make_decision("request_changes"),
        make_decision("revise"),
        make_decision("accept", created_at="2025-03-01"),
    ]
    append_decisions(ledger_path, steps, key=key)
    return ledger_path


def revise_line(value: bytes) -> bytes:
    """Return the line of a revision that sets a field to a JSON value, well-formed but for that value."""
    digest = b'"' + b"0" * 64 + b'"'
    fields = b'"action":"revise","after":' + digest + b',"before":' + digest + b',"changes":{"prompt":' + value + b"}"
    rest = b'"instance_id":"item-1","reviewer_id":"r0123456789abcdef","round":1,"sequence":1'
    return b"{" + fields + b',"digest":' + digest + b"," + rest + b"}\n"


def first_fault_line(content: bytes) -> int | None:
    return next((line.line for line in lines_of_ledger(io.BytesIO(content)) if line.fault), None)


def test_events_are_numbered_and_each_is_linked_to_the_one_before(filled: Path) -> None:
    ledger = read_ledger(filled)
    assert [event.sequence for event in ledger.events] == [1, 2, 3]
    assert [event.previous for event in ledger.events] == [None, *(event.digest for event in ledger.events[:-1])]
    assert verify_ledger(filled) == ()
    assert ledger.head == (3, ledger.events[-1].digest)


def test_a_single_flipped_bit_anywhere_is_found_and_its_line_is_named(filled: Path) -> None:
    content = filled.read_bytes()
    assert first_fault_line(content) is None
    for position in range(len(content)):
        line = content.count(b"\n", 0, position) + 1
        flipped = bytearray(content)
        flipped[position] ^= 1 << (position % 8)
        assert first_fault_line(bytes(flipped)) == line, position


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x40, 0x80, 0xFF])
def test_every_byte_of_the_last_event_is_guarded_too(filled: Path, mask: int) -> None:
    content = filled.read_bytes()
    start = content.rindex(b"\n", 0, -1) + 1
    for position in range(start, len(content)):
        flipped = bytearray(content)
        flipped[position] ^= mask
        assert first_fault_line(bytes(flipped)) == 3, position


def test_a_line_taken_out_of_the_middle_is_noticed(filled: Path) -> None:
    first, _, third = filled.read_bytes().splitlines(keepends=True)
    assert first_fault_line(first + third) == 2


def test_two_lines_that_changed_places_are_noticed(filled: Path) -> None:
    first, second, third = filled.read_bytes().splitlines(keepends=True)
    assert first_fault_line(first + third + second) == 2


def test_an_event_forged_with_its_own_right_digest_breaks_the_next_link(filled: Path) -> None:
    from assurai_datasets.review.chain import event_digest, event_line

    events = read_ledger(filled).events
    forged = events[0].model_copy(update={"finding": "other"})
    forged = forged.model_copy(update={"digest": event_digest(forged)})
    lines = [event_line(event) + b"\n" for event in (forged, *events[1:])]
    assert first_fault_line(b"".join(lines)) == 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda line: b"\n" + line, "no review event"),
        (lambda line: line.replace(b'{"', b'{ "', 1), "not written as the ledger writes it"),
        (lambda line: line.replace(b'"round":1', b'"round":1.0'), "not written as the ledger writes it"),
        (lambda line: b"[" * 5000 + b"\n" + line, "no review event"),
        (lambda line: b"\xff\xfe\n" + line, "no review event"),
        (lambda line: revise_line(b"1" + b"0" * 40), "without loss"),
        (lambda line: revise_line(b"1e999"), "without loss"),
        (lambda line: revise_line(b"NaN"), "without loss"),
        (lambda line: revise_line(b"[" * 30 + b"]" * 30), "without loss"),
        (lambda line: revise_line(b"[" * 9000 + b"]" * 9000), "no review event"),
        (lambda line: revise_line(b'"\\ud800"'), "no review event"),
    ],
)
def test_a_line_that_is_not_as_written_is_named_with_what_was_found(
    filled: Path, change: Callable[[bytes], bytes], found: str
) -> None:
    filled.write_bytes(change(filled.read_bytes()))
    fault = verify_ledger(filled)[0]
    assert fault.line == 1
    assert found in fault.fault.message


def test_an_endless_line_is_not_read_whole(ledger_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "LINE_BYTES", 100)
    ledger_path.write_bytes(b"x" * 1000)
    (fault,) = verify_ledger(ledger_path)
    assert "longer than 100 bytes" in fault.fault.message


def test_the_file_is_canonical_json_lines(filled: Path) -> None:
    for line in filled.read_text(encoding="utf-8").splitlines():
        values = json.loads(line)
        assert line == json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert None not in values.values()


def test_the_reviewers_name_stands_in_no_byte(filled: Path, key: bytes) -> None:
    content = filled.read_text(encoding="utf-8")
    assert "Kim" not in content
    assert reviewer_pseudonym(" expert KIM ", key) in content


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_line_cut_at_any_place_is_removed_by_the_next_append_and_nothing_else_is(
    filled: Path, make_decision: Callable[..., Decision], key: bytes, share: float
) -> None:
    whole = filled.read_bytes()
    append_decisions(filled, [make_decision("begin", corrective_action="다시 봅니다")], key=key)
    last = filled.read_bytes()[len(whole) :]
    filled.write_bytes(whole + last[: int(share * len(last))])
    append_decisions(filled, [make_decision("request_changes")], key=key)
    assert filled.read_bytes().startswith(whole)
    assert verify_ledger(filled) == ()
    assert [event.action for event in read_ledger(filled).events[3:]] == ["request_changes"]


def test_a_torn_line_is_reported_until_it_is_removed(filled: Path) -> None:
    filled.write_bytes(filled.read_bytes() + b'{"action":"acc')
    (fault,) = verify_ledger(filled)
    assert fault.line == 4


def test_a_whole_event_that_only_lost_its_line_end_is_kept(
    filled: Path, make_decision: Callable[..., Decision], key: bytes
) -> None:
    filled.write_bytes(filled.read_bytes().rstrip(b"\n"))
    assert verify_ledger(filled) == ()
    append_decisions(filled, [make_decision("begin")], key=key)
    assert [event.action for event in read_ledger(filled).events] == ["request_changes", "revise", "accept", "begin"]
    assert verify_ledger(filled) == ()


@pytest.mark.parametrize("ending", [b"X", b"\x00", b"}"])
def test_an_acknowledged_event_whose_line_end_was_changed_is_never_removed(
    filled: Path, make_decision: Callable[..., Decision], key: bytes, ending: bytes
) -> None:
    damaged = filled.read_bytes()[:-1] + ending
    filled.write_bytes(damaged)
    with pytest.raises(DataError, match="line 3"):
        append_decisions(filled, [make_decision("begin")], key=key)
    assert filled.read_bytes() == damaged


def test_nothing_is_appended_to_a_broken_chain(
    filled: Path, make_decision: Callable[..., Decision], key: bytes
) -> None:
    broken = filled.read_bytes().replace(b'"finding":"bias"', b'"finding":"error"')
    filled.write_bytes(broken)
    with pytest.raises(DataError, match="line 1"):
        append_decisions(filled, [make_decision("begin")], key=key)
    assert filled.read_bytes() == broken


def test_a_failing_disk_leaves_the_old_ledger(
    filled: Path, make_decision: Callable[..., Decision], key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = filled.read_bytes()
    monkeypatch.setattr(ledger_module.os, "fsync", fail)
    with pytest.raises(UsageError, match="No space left"):
        append_decisions(filled, [make_decision("begin")], key=key)
    assert filled.read_bytes() == before


def test_a_refused_first_decision_leaves_no_ledger(
    ledger_path: Path, make_decision: Callable[..., Decision], key: bytes
) -> None:
    with pytest.raises(UsageError, match="cannot revise"):
        append_decisions(ledger_path, [make_decision("revise")], key=key)
    assert not ledger_path.exists()
    assert read_ledger(ledger_path) == ((), ())


def test_an_event_too_long_for_a_line_is_refused(
    ledger_path: Path, make_decision: Callable[..., Decision], key: bytes
) -> None:
    with pytest.raises(LimitError, match="bytes long"):
        append_decisions(ledger_path, [make_decision(corrective_action="가" * 400_000)], key=key)
    assert not ledger_path.exists()


def test_a_ledger_that_cannot_be_written_or_read_is_wrong_usage(
    tmp_path: Path, make_decision: Callable[..., Decision], key: bytes
) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        append_decisions(tmp_path / "no" / "such.jsonl", [make_decision()], key=key)
    with pytest.raises(UsageError, match="cannot write"):
        append_decisions(tmp_path, [make_decision()], key=key)
    with pytest.raises(UsageError, match="no ledger"):
        verify_ledger(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="cannot read"):
        verify_ledger(tmp_path)
