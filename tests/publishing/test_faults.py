"""A fault at every request of a publication leaves the old state or the whole new one, and running again succeeds."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from huggingface_hub.utils import close_session

from assurai_datasets.errors import AssuraiError
from assurai_datasets.publishing import ConflictError, Patience, plan_publication, publish
from tests.hub.faults import Fault
from tests.hub.fixture import TestHub
from tests.publishing.releases import FILES, content_of, make_release

REPO = "assurai-lab/words"
QUICK = Patience(tries=3, sleep=lambda wait_s: None)
PASSING = ("drop", "drop-after", "truncate-upload", "truncate-download", "429", "500", "503")
"""Faults of one request, which publishing has to get over by itself."""
NOTES = {"NOTES.md": b"mine\n"}
pytestmark = pytest.mark.usefixtures("no_waiting")


class Releases(NamedTuple):
    """Two versions: the first is published first where the second is swept."""

    first: Path
    second: Path

    def contents(self) -> dict[str, dict[str, bytes]]:
        return {"v1.0.0": content_of(self.first), "v1.1.0": content_of(self.second)}


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    files = {**FILES, "data/text/b.parquet": b"\0" * 9000, "README.md": FILES["README.md"] + b"second\n"}
    del files["data/index/a.parquet"]
    return Releases(make_release(tmp_path / "first"), make_release(tmp_path / "second", "1.1.0", files))


def run(hub: TestHub, release: Path) -> bool:
    """Plan and publish; return whether it succeeded. Any other exception than ours is a fault of ours."""
    api = hub.api()
    try:
        planned = plan_publication(release, REPO, api=api, public=True, gated="auto", patience=QUICK)
        return publish(planned, api=api, patience=QUICK).done
    except AssuraiError:
        return False


def faults_at(request: int) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    """Yield every way in which things go wrong at one request."""
    yield "the network dies", (Fault("drop", at=request, times=None),)
    yield (
        "the network dies with the answer",
        (Fault("drop-after", at=request), Fault("drop", at=request + 1, times=None)),
    )
    yield "somebody else commits", (Fault("stale-parent", at=request),)
    for kind in PASSING:
        yield kind, (Fault(kind, at=request),)


def start(folder: Path, releases: Releases, version: str) -> TestHub:
    hub = TestHub(folder)
    if version == "v1.1.0":
        assert run(hub, releases.first)
    hub.log.clear()
    return hub


def states_of(hub: TestHub, releases: Releases, version: str) -> list[dict[str, bytes]]:
    """Return what `main` may hold: nothing or the first release, or the whole release that was published."""
    contents = releases.contents()
    old = contents["v1.0.0"] if version == "v1.1.0" else {}
    return [state | more for state in (old, contents[version]) for more in ({}, NOTES)]


def main_of(hub: TestHub) -> dict[str, bytes]:
    if ("dataset", REPO) not in hub.state.repositories:
        return {}
    return {path: content for path, content in hub.files(REPO).items() if path != ".gitattributes"}


def check_tags(hub: TestHub, releases: Releases) -> set[str]:
    """Check that every tag names a whole release; return the tags."""
    tags = hub.tags(REPO) if ("dataset", REPO) in hub.state.repositories else {}
    for tag in tags:
        assert {p: c for p, c in hub.files(REPO, tag).items() if p != ".gitattributes"} == releases.contents()[tag]
    return set(tags)


def count_requests(folder: Path, releases: Releases, version: str) -> int:
    hub = start(folder, releases, version)
    assert run(hub, release_of(releases, version))
    hub.close()
    return len(hub.log)


def release_of(releases: Releases, version: str) -> Path:
    return releases.second if version == "v1.1.0" else releases.first


def try_faults(folder: Path, releases: Releases, version: str, name: str, faults: tuple[Fault, ...]) -> None:
    hub = start(folder, releases, version)
    release = release_of(releases, version)
    for fault in faults:
        hub.faults.inject(fault)
    done = run(hub, release)
    hub.faults.clear()
    assert done or name not in PASSING, "one fault must be got over"
    assert main_of(hub) in states_of(hub, releases, version)
    tags = check_tags(hub, releases)
    assert not done or version in tags
    assert run(hub, release), "running again must succeed"
    assert version in check_tags(hub, releases)
    repository = hub.state.repository("dataset", REPO)
    assert (repository.private, repository.gated) == (False, "auto")
    close_session()
    hub.close()


@pytest.mark.parametrize("version", ["v1.0.0", "v1.1.0"])
def test_faults_at_some_requests_leave_the_old_state_or_the_new_one(
    version: str, releases: Releases, transfer: str, tmp_path: Path
):
    total = count_requests(tmp_path / "sound", releases, version)
    kinds = list(faults_at(0))
    for request in range(0, total, 2):
        name, faults = list(faults_at(request))[request // 2 % len(kinds)]
        try_faults(tmp_path / f"{request}", releases, version, name, faults)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["v1.0.0", "v1.1.0"])
def test_a_fault_at_every_request_leaves_the_old_state_or_the_new_one(
    version: str, releases: Releases, transfer: str, tmp_path: Path
):
    total = count_requests(tmp_path / "sound", releases, version)
    cases = [(request, *case) for request in range(total) for case in faults_at(request)]
    for request, name, faults in cases:
        try_faults(tmp_path / f"{request}-{name}", releases, version, name, faults)
    assert total >= 12
    print(f"{version} over {transfer}: {total} requests, {len(cases)} faults")  # noqa: T201


def test_outages_ever_later_in_one_repository_end_in_the_whole_release(
    releases: Releases, transfer: str, tmp_path: Path
):
    hub = start(tmp_path, releases, "v1.1.0")
    request = 0
    while True:
        hub.inject("drop", at=request, times=None)
        if run(hub, releases.second):
            break
        assert main_of(hub) in states_of(hub, releases, "v1.1.0")
        check_tags(hub, releases)
        hub.faults.clear()
        request += 1
    assert 5 <= request <= 30
    assert check_tags(hub, releases) == {"v1.0.0", "v1.1.0"}
    hub.close()


def test_a_conflict_is_never_resolved_by_overwriting(releases: Releases, tmp_path: Path):
    hub = start(tmp_path, releases, "v1.1.0")
    planned = plan_publication(releases.second, REPO, api=hub.api(), public=True, patience=QUICK)
    hub.inject("stale-parent", path="/commit/")
    with pytest.raises(ConflictError):
        publish(planned, api=hub.api(), patience=QUICK)
    assert main_of(hub) == content_of(releases.first) | NOTES
    hub.close()
