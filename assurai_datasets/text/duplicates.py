"""Exact and near duplicates among many texts, in clusters, with memory of about a hundred bytes a text."""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assurai_datasets.text.likeness import LIKE, measure_likeness
from assurai_datasets.text.skeleton import letters_of
from assurai_datasets.text.sketches import BANDS, sketch_texts

FEWEST_LETTERS = 6
"""Texts whose skeleton is shorter are compared for exact duplicates only."""

FEWEST_BANDS = 3
"""Bands two texts must share to be compared: 0.95 of the pairs of similarity 0.7 do, and 0.19 of those of 0.5."""
MOST_COMPARISONS = 10
"""Comparisons a text, on average, after which the search ends: a bound on the work that templates cause."""

_STEPS = (1, 2)
_TIE_BREAKS = 3
_CACHED = 512
_NAMES_A_BLOCK = 1_000

Rows = NDArray[np.void]
Indices = NDArray[np.int64]


class TextItem(NamedTuple):
    """One text to compare: its instance, and a group such as `batch-07/crowd` or `batch-07/seed/choices`."""

    id: str
    text: str
    group: str = ""


class Member(NamedTuple):
    """A text of a cluster: its instance, its group, and its place (from 0) among all texts given."""

    id: str
    group: str
    place: int


class TextCluster(NamedTuple):
    """Texts that repeat one another, in the order given, and the least similarity (0 to 1) that joined two."""

    kind: Literal["exact", "near"]
    members: tuple[Member, ...]
    similarity: float


class _Names:
    """Ids and groups of many texts, packed: a Python object a text would cost more than its sketch."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._open: list[str] = []
        self._groups: dict[str, int] = {}
        self._group_of = array("L")

    def keep(self, item: TextItem) -> str:
        """Remember an item's id and group, and return its text."""
        self._open.append(item.id)
        self._group_of.append(self._groups.setdefault(item.group, len(self._groups)))
        if len(self._open) == _NAMES_A_BLOCK:
            self._blocks.append(json.dumps(self._open).encode())
            self._open = []
        return item.text

    def members(self, places: Indices) -> tuple[Member, ...]:
        """Return who stands at some places."""
        groups = list(self._groups)
        blocks = lru_cache(2)(self._block)
        return tuple(
            Member(blocks(place // _NAMES_A_BLOCK)[place % _NAMES_A_BLOCK], groups[self._group_of[place]], place)
            for place in places.tolist()
        )

    def _block(self, number: int) -> list[str]:
        names: list[str] = json.loads(self._blocks[number]) if number < len(self._blocks) else self._open
        return names


def find_duplicates(
    items: Iterable[TextItem], *, text_of: Callable[[int], str] | None, threshold: float = LIKE
) -> tuple[TextCluster, ...]:
    """Return the clusters of exact duplicates, then those of near duplicates, each by the place of its first text.

    Exact duplicates agree after NFC, case folding and folding of white space. Near duplicates differ in wording only:
    spacing, punctuation, particles, endings, respelled syllables or a clause put in, but neither in a number nor in
    the content of a template (`measure_likeness`). Of exact duplicates only the first takes part in the search for near
    ones. Clusters run across all groups: deliveries, stages, prompts and choices.

    Args:
        items: Read once; only about 150 bytes of each are kept.
        text_of: Returns the text at a place among the items again, to verify a pair; None looks for exact duplicates
            only.
        threshold: Least Jaccard similarity of near duplicates.
    """
    names = _Names()
    rows = sketch_texts((names.keep(item) for item in items), near=text_of is not None)
    clusters = [TextCluster("exact", names.members(group), 1.0) for group in group_exact(rows)]
    near = group_near(rows, text_of, threshold=threshold) if text_of is not None else []
    clusters.extend(TextCluster("near", names.members(group), likeness) for group, likeness in near)
    return tuple(clusters)


def group_exact(rows: Rows) -> list[Indices]:
    """Return the places of exact duplicates, one ascending array a group of two or more, by first place.

    Args:
        rows: Sketches (dtype `SKETCH`) of the texts.
    """
    digests = rows["digest"]
    order = np.lexsort((digests[:, 1], digests[:, 0]))
    same = (digests[order[1:]] == digests[order[:-1]]).all(axis=1)
    return _groups(order, same)


def group_near(rows: Rows, text_of: Callable[[int], str], *, threshold: float = LIKE) -> list[tuple[Indices, float]]:
    """Return the places of near duplicates, one ascending array a group, with the least similarity that joined two.

    Rows that share a band are sorted so that the likeliest stand together, and each is compared with the next few
    only; no more than `MOST_COMPARISONS` a row are made in all, however many rows are alike.

    Args:
        rows: Sketches of the texts, made with `near=True`.
        text_of: Returns the text at a place.
        threshold: Least Jaccard similarity of a pair.
    """
    letters = lru_cache(_CACHED)(lambda place: letters_of(text_of(place)))
    roots = np.arange(len(rows))
    least: dict[int, float] = {}
    for first, second in islice(_candidates(rows), MOST_COMPARISONS * len(rows)):
        a, b = sorted((_root(roots, first), _root(roots, second)))
        if a == b:
            continue
        likeness = measure_likeness(letters(first), letters(second))
        if likeness >= threshold:
            roots[b] = a
            least[a] = min(likeness, least.pop(b, 1.0), least.get(a, 1.0))
    found = np.array([_root(roots, place) for place in range(len(rows))], np.int64)
    order = np.argsort(found, kind="stable")
    groups = _groups(order, found[order[1:]] == found[order[:-1]])
    return [(group, least[int(group[0])]) for group in groups]


def _candidates(rows: Rows) -> Iterator[tuple[int, int]]:
    """Yield pairs of places worth comparing, each once."""
    compared = np.setdiff1d(np.flatnonzero(rows["letters"] >= FEWEST_LETTERS), _repeats(rows))
    numbers, bands = rows["numbers"][compared], rows["bands"][compared]
    seen = np.empty(0, np.int64)
    for band in range(BANDS):
        following = [bands[:, (band + step) % BANDS] for step in range(_TIE_BREAKS, -1, -1)]
        order = np.lexsort((*following, numbers))
        pairs = np.unique(np.concatenate([_neighbours(order, step, bands, numbers) for step in _STEPS]))
        fresh = np.setdiff1d(pairs, seen, assume_unique=True)
        seen = np.union1d(seen, fresh)
        for code in fresh:
            first, second = divmod(int(code), len(compared))
            yield int(compared[first]), int(compared[second])


def _repeats(rows: Rows) -> Indices:
    """Return the places of exact duplicates but the first of each."""
    groups = group_exact(rows)
    return np.concatenate([np.empty(0, np.int64), *(group[1:] for group in groups)])


def _neighbours(order: Indices, step: int, bands: NDArray[np.uint32], numbers: NDArray[np.uint32]) -> Indices:
    """Return as codes (low * n + high) the pairs `step` apart in an order that agree in numbers and enough bands."""
    a, b = order[:-step], order[step:]
    same = numbers[a] == numbers[b]
    a, b = a[same], b[same]
    alike = (bands[a] == bands[b]).sum(axis=1) >= FEWEST_BANDS
    codes: Indices = np.minimum(a[alike], b[alike]) * len(order) + np.maximum(a[alike], b[alike])
    return codes


def _root(roots: Indices, place: int) -> int:
    while (above := int(roots[place])) != place:
        roots[place] = roots[above]
        place = above
    return place


def _groups(order: Indices, same_as_next: NDArray[np.bool_]) -> list[Indices]:
    """Return the runs of an order whose neighbours are the same, two or more each, ascending, by first place."""
    if not same_as_next.any():
        return []
    runs = np.split(order, np.flatnonzero(~same_as_next) + 1)
    return sorted((np.sort(run) for run in runs if len(run) > 1), key=lambda run: int(run[0]))
