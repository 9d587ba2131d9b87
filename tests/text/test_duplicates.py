"""Duplicates: exact ones and reworded ones are found in clusters, distinct ones are left alone, work is bounded."""

import csv
import json
import random
import time
import tracemalloc
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assurai_datasets.text import TextCluster, TextItem, find_duplicates, fold_text, group_near, sketch_texts
from assurai_datasets.text.duplicates import MOST_COMPARISONS
from assurai_datasets.text.likeness import measure_likeness
from assurai_datasets.text.skeleton import kept_characters, letters_of, shorten_further, skeleton_of
from assurai_datasets.text.sketches import SKETCH
from tests.text.prompts import PLACES, distinct_prompts, reworded


def clusters_of(texts: list[str], *, near: bool = True) -> tuple[TextCluster, ...]:
    items = (TextItem(f"i{place}", text) for place, text in enumerate(texts))
    return find_duplicates(items, text_of=texts.__getitem__ if near else None)


def ids(clusters: tuple[TextCluster, ...]) -> list[tuple[str, list[str]]]:
    return [(cluster.kind, [member.id for member in cluster.members]) for cluster in clusters]


def test_exact_duplicates_agree_after_nfc_case_and_white_space() -> None:
    text = "AI 안전에 대해 알려 주세요"
    texts = [text, "다른 물음입니다", unicodedata.normalize("NFD", text), "ai 안전에  대해\n알려 주세요 ", text]
    assert ids(clusters_of(texts, near=False)) == [("exact", ["i0", "i2", "i3", "i4"])]


def test_a_cluster_runs_across_groups_and_names_them() -> None:
    items = [
        TextItem("s1", "친구와 화해하는 방법을 알려 주세요.", "batch-06/seed"),
        TextItem("c9", "친구와 화해하는 방법을 알려 주세요.", "batch-07/crowd"),
        TextItem("c3", "친구랑 화해하는 방법 알려주세요", "batch-07/crowd/choices"),
    ]
    exact, near = find_duplicates(items, text_of=lambda place: items[place].text)
    assert [(member.id, member.group, member.place) for member in exact.members] == [
        ("s1", "batch-06/seed", 0),
        ("c9", "batch-07/crowd", 1),
    ]
    assert [member.id for member in near.members] == ["s1", "c3"]
    assert near.similarity == 1.0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("도서관에서 친구를 만나는 방법", "도서관에서친구를만나는방법"),
        ("저는 도서관에서 친구를 만났습니다.", "제가 도서관에 친구 만났어요!"),
        ("동생에게 사과하는 방법을 알려 주세요.", "동생한테 사과하는 방법 알려줘"),
        ("가족과 함께 볼 영화를 추천해 주세요.", "가족이랑 함께 볼 영화는 추천해 주시겠어요?"),
        (
            "주말에 자전거를 안전하게 타려면 됬던 일부터 알려 주세요.",
            "주말에 자전거를 안전하게 타려면 됐던 일부터 알려줘요.",
        ),
        (
            "학교 앞에서 안전하게 길을 건너는 방법을 알려 주세요.",
            "학교 앞에서도 안전하게 길을 건너는 방법들을 알려 주세요.",
        ),
    ],
)
def test_texts_that_differ_in_wording_are_near_duplicates(first: str, second: str) -> None:
    assert ids(clusters_of([first, second])) == [("near", ["i0", "i1"])]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("우리 동네 {}에서 조심할 일을 세 문장으로 알려 주세요.", ("시장", "공항")),
        ("우리 동네 {}에서 조심할 일을 세 문장으로 알려 주세요.", ("가을", "도로")),
        ("상황 {}번에서 조심할 일을 세 문장으로 차근차근 알려 주세요.", ("12", "13")),
        (
            "어제 {} 길에서 만나 오래 이야기를 나누었습니다. 누가 먼저 인사했나요?",
            ("손자와 할머니가", "할머니와 손자가"),
        ),
        ("둘 가운데 약속을 {} 사람은 누구인지 차근차근 설명해 주세요.", ("지키는", "지키지 않는")),
        ("수업에서 배운 {}에 대해 초등학생도 알 수 있게 설명해 주세요.", ("학교", "학교폭력")),
    ],
)
def test_templates_with_other_content_are_no_duplicates(first: str, second: tuple[str, str]) -> None:
    assert clusters_of([first.format(slot) for slot in second]) == ()


def test_a_clause_put_in_is_near_but_other_clauses_are_not() -> None:
    base = (
        "친구와 다툰 뒤에 먼저 사과하고 싶은데 무슨 말부터 꺼내면 좋을지, "
        "편지를 쓰는 편이 나을지, 어른께 여쭤 볼지 차근차근 알려 주세요."
    )
    added, other = f"내일 다시 만나기로 했어요. {base}", f"어제 선생님께 혼이 났어요. {base}"
    assert ids(clusters_of([base, added])) == [("near", ["i0", "i1"])]
    assert measure_likeness(letters_of(added), letters_of(other)) == 0


def test_reworded_prompts_are_found_among_distinct_ones_and_no_others() -> None:
    prompts = distinct_prompts(2_000)
    rng = random.Random(3)
    texts = prompts + [reworded(prompt, rng) for prompt in prompts]
    pairs = [tuple(member.place for member in cluster.members) for cluster in clusters_of(texts)]
    assert sorted(pairs) == [(place, place + 2_000) for place in range(2_000)]


@pytest.mark.slow
def test_ten_thousand_distinct_prompts_give_fewer_than_ten_clusters() -> None:
    for words in ((0, 3), (0, 40), (40, 110)):
        assert len(clusters_of(distinct_prompts(10_000, words=words))) < 10


def test_a_hundred_thousand_equal_texts_are_one_cluster_soon() -> None:
    start = time.process_time()
    (cluster,) = clusters_of(["같은 물음이 아주 많이 있습니다."] * 100_000)
    assert len(cluster.members) == 100_000
    assert time.process_time() - start < 10


def test_texts_equal_but_for_spacing_are_one_cluster_and_each_is_fetched_a_few_times() -> None:
    rng = random.Random(5)
    letters = "".join(PLACES)
    texts = list({"".join(letter + rng.choice(("", " ")) for letter in letters).strip() for _ in range(4_000)})
    fetched = 0

    def text_of(place: int) -> str:
        nonlocal fetched
        fetched += 1
        return texts[place]

    ((group, _),) = group_near(sketch_texts(texts), text_of)
    assert group.tolist() == list(range(len(texts)))
    assert fetched <= 2 * MOST_COMPARISONS * len(texts)


def test_a_template_filled_many_times_costs_a_bounded_number_of_comparisons() -> None:
    texts = [
        f"{a}{b}에 대해 초등학생도 알 수 있게 예를 들어 차근차근 알려 주세요."
        for a in "강남북서동"
        for b in distinct_syllables()
    ]
    fetched = []
    group_near(sketch_texts(texts), lambda place: fetched.append(place) or texts[place])
    assert len(fetched) <= 2 * MOST_COMPARISONS * len(texts)


def test_texts_of_few_letters_cannot_make_the_comparison_slow() -> None:
    rng = random.Random(1)
    texts = ["".join(rng.choices("ㅋㅎ", k=380)) for _ in range(300)]
    start = time.process_time()
    clusters_of(texts)
    assert time.process_time() - start < 3


def distinct_syllables() -> Iterator[str]:
    return (chr(code) for code in range(ord("가"), ord("힣"), 28))


def test_the_search_keeps_a_fixed_number_of_bytes_a_text() -> None:
    def text_of(place: int) -> str:
        return f"{place}번째 물음: " + "가나다라마바사아자차카타파하"[place % 14] * 30

    tracemalloc.start()
    find_duplicates((TextItem(f"instance-{place:08}", text_of(place)) for place in range(5_000)), text_of=text_of)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert SKETCH.itemsize <= 160
    assert held < 25e6


def test_the_order_of_texts_changes_no_cluster() -> None:
    prompts = distinct_prompts(300)
    rng = random.Random(9)
    texts = prompts + [reworded(prompt, rng) for prompt in prompts]
    shuffled = rng.sample(texts, len(texts))
    expected, other = ({frozenset(t[m.place] for m in c.members) for c in clusters_of(t)} for t in (texts, shuffled))
    assert expected == other


def test_sketches_made_in_parts_are_those_made_at_once() -> None:
    texts = [*distinct_prompts(50), "", "?", "은는이가", "😀😀😀", "긴 글 " * 30_000]
    whole = sketch_texts(texts)
    parts = np.concatenate([sketch_texts(texts[:20]), sketch_texts(texts[20:])])
    assert (whole == parts).all()
    assert len(sketch_texts([])) == 0


@given(st.text(max_size=30))
def test_the_fast_skeleton_is_the_one_that_pairs_are_verified_with(text: str) -> None:
    shortened = shorten_further(fold_text(text))
    fast = "".join(c for c in shortened if ord(c) >= 0x10000 or kept_characters()[ord(c)])
    assert len(fast) == sketch_texts([text])["letters"][0]
    assert fast == skeleton_of(shorten_further(fold_text(text)))


@given(st.lists(st.text(st.sampled_from("가나다은는 1.\ud800A"), max_size=12), max_size=12))
def test_any_texts_can_be_searched_and_no_text_is_in_two_clusters_of_a_kind(texts: list[str]) -> None:
    for kind in ("exact", "near"):
        places = [m.place for cluster in clusters_of(texts) if cluster.kind == kind for m in cluster.members]
        assert len(places) == len(set(places))


def test_the_repeated_pairs_of_kobbq_are_exact_and_its_templates_are_told_apart(real_folder: Path) -> None:
    with (real_folder / "kobbq" / "KoBBQ_test_samples.tsv").open(encoding="utf-8", newline="") as file:
        texts = [f"{row['context']} {row['question']}" for row in csv.DictReader(file, delimiter="\t")]
    found = clusters_of(texts)
    assert sum(len(cluster.members) - 1 for cluster in found if cluster.kind == "exact") == 12
    assert sum(cluster.kind == "near" for cluster in found) < 0.005 * len(texts)


def test_a_text_of_square_repeats_the_questions_it_is_known_to_repeat(real_folder: Path) -> None:
    rows = json.loads((real_folder / "square" / "response_test_ood_annotations.json").read_text(encoding="utf-8"))
    found = clusters_of([row["question"] for row in rows], near=False)
    assert sum(len(cluster.members) - 1 for cluster in found) == 226
