"""Speed, memory and accuracy of the text checks.

`python -m benchmarks.text` times all of them; `--personal-data` prints precision and recall on the labelled fixture.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, get_args

from assurai_datasets.text import TextItem, check_text, find_duplicates, find_personal_data, group_near, sketch_texts
from assurai_datasets.text.finding import PersonalDataFinding, PersonalDataKind
from tests.text.prompts import distinct_prompts, prose, reworded

FIXTURE = Path(__file__).resolve().parents[1] / "tests" / "text" / "personal_data.jsonl"
TEXTS, PROMPTS = 100_000, 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--personal-data", action="store_true", help="print precision and recall by kind, and stop")
    parser.add_argument(
        "--memory-of", type=int, metavar="N", help="find duplicates among N texts, print peak MB, and stop"
    )
    arguments = parser.parse_args()
    if arguments.personal_data:
        print("\n".join(personal_data_table()))
    elif arguments.memory_of:
        print(peak_mb(arguments.memory_of))
    else:
        for line in (*speed(), *near_duplicates(), *memory()):
            print(line, flush=True)


def personal_data_table() -> Iterator[str]:
    """Yield a Markdown table: for each kind, labelled and found values, precision and recall."""
    labelled, found, right = Counter(), Counter(), Counter()
    for line in FIXTURE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        findings = find_personal_data(row["text"])
        labelled.update(span["kind"] for span in row["personal_data"])
        found.update(finding.kind for finding in findings)
        right.update(
            finding.kind for finding in findings if any(agrees(finding, span) for span in row["personal_data"])
        )
    yield "| kind | labelled | found | precision | recall |"
    yield "|---|---|---|---|---|"
    for kind in (*sorted(get_args(PersonalDataKind)), "all"):
        counts = [counter.total() if kind == "all" else counter[kind] for counter in (labelled, found, right)]
        yield f"| {kind} | {counts[0]} | {counts[1]} | {counts[2] / counts[1]:.2f} | {counts[2] / counts[0]:.2f} |"


def agrees(finding: PersonalDataFinding, span: dict[str, Any]) -> bool:
    """Return whether a finding has the kind of a labelled span and shares half of their union with it."""
    shared = min(finding.end, span["end"]) - max(finding.start, span["start"])
    union = max(finding.end, span["end"]) - min(finding.start, span["start"])
    return finding.kind == span["kind"] and 2 * shared >= union


def speed() -> Iterator[str]:
    texts = prose(TEXTS)
    yield f"{TEXTS} texts, mean {sum(map(len, texts)) / TEXTS:.0f} characters"
    characters = rate(lambda: [check_text(text, language="ko") for text in texts])
    personal = rate(lambda: [find_personal_data(text) for text in texts])
    exact = rate(lambda: sketch_texts(texts, near=False))
    yield f"characters and language {characters:,.0f} rows/s, personal data {personal:,.0f}, exact digests {exact:,.0f}"
    yield f"all text checks, one core: {rate(lambda: check_all(texts)):,.0f} rows/s"
    with ProcessPoolExecutor(2) as pool:
        halves = (texts[: TEXTS // 2], texts[TEXTS // 2 :])
        list(pool.map(check_all, ([], [])))
        both = rate(lambda: list(pool.map(check_all, halves)), clock=time.perf_counter)
    yield f"all text checks, two processes: {both:,.0f} rows/s by the clock"


def check_all(texts: list[str]) -> int:
    """Return how many findings and exact duplicates there are."""
    findings = sum(len(check_text(text, language="ko")) + len(find_personal_data(text)) for text in texts)
    return findings + len(find_duplicates((TextItem("", text) for text in texts), text_of=None))


def rate(work: Callable[[], object], *, clock: Callable[[], float] = time.process_time) -> float:
    """Return rows a second, by default of processor time, which other work on the machine changes little."""
    start = clock()
    work()
    return TEXTS / (clock() - start)


def near_duplicates() -> Iterator[str]:
    prompts = distinct_prompts(PROMPTS)
    rng = random.Random(11)
    both = prompts + [reworded(prompt, rng) for prompt in prompts]
    false = len(group_near(sketch_texts(prompts), prompts.__getitem__))
    items = (TextItem(str(place % PROMPTS), text) for place, text in enumerate(both))
    clusters = find_duplicates(items, text_of=both.__getitem__)
    found = sum(len({member.id for member in cluster.members}) == 1 for cluster in clusters)
    yield f"near duplicates: {found} of {PROMPTS} reworded prompts found, {false} false clusters among the distinct"
    texts = prose(TEXTS)
    search = rate(lambda: find_duplicates((TextItem("", text) for text in texts), text_of=texts.__getitem__))
    yield f"near-duplicate search with sketches, one process: {search:,.0f} rows/s"


def memory() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.text", "--memory-of"]
    small, large = (int(subprocess.check_output([*command, str(count)], text=True)) for count in (10_000, 50_000))
    yield f"peak memory of the duplicate search: {small} MB for 10,000 texts, {large} MB for 50,000"


def peak_mb(count: int) -> int:
    """Return the peak resident memory in MB after a search among texts that are made when asked for."""
    find_duplicates((TextItem(f"i{place:06}", numbered(place)) for place in range(count)), text_of=numbered)
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def numbered(place: int) -> str:
    return distinct_prompts(1, seed=place, words=(5, 60))[0]


if __name__ == "__main__":
    main()
