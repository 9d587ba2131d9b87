"""Small releases for the tests of publishing, complete with manifest."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import orjson

from assurai_datasets.formats.digest import digest_of
from assurai_datasets.schema.policy import Policy
from assurai_datasets.schema.release import Release

CARD = b"---\nlicense: cc-by-nc-4.0\n---\n# A release\n"
TABLE = bytes(range(256)) * 1200
FILES = {"README.md": CARD, "data/text/test-00000-of-00001.parquet": TABLE, "data/index/a.parquet": TABLE[:-1]}


def make_release(
    folder: Path, version: str = "1.0.0", files: Mapping[str, bytes] = FILES, date: str | None = "2026-03-01"
) -> Path:
    """Write a release of these files into a new folder and return it."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    manifest = {
        "format": "assurai-release/1",
        "name": "small",
        "version": version,
        **({"date": date} if date else {}),
        "schema_version": "1",
        "taxonomy_version": "1",
        "canary": "c0ffee",
        "licenses": ["cc-by-nc-4.0"],
        "languages": ["ko"],
        "policy": Policy().model_dump(mode="json", exclude_none=True),
        "configs": {},
        "files": [
            {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for path, content in sorted(files.items())
        ],
        "sources": [],
        "left_out": [],
        "retractions": [],
        "cleaned_media": [],
    }
    text = orjson.dumps({**manifest, "digest": digest_of(manifest)}, option=orjson.OPT_INDENT_2)
    Release.model_validate_json(text)
    (folder / "release.json").write_bytes(text)
    return folder


def content_of(release: Path) -> dict[str, bytes]:
    """Return path and content of every file of a release."""
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in release.rglob("*") if path.is_file()}
