"""Archives made to do harm, given to `assurai validate`: each is an issue, in bounded time, memory and disk space."""

import gzip
import io
import json
import resource
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assurai_datasets.schema.codes import Code
from tests.deliveries_made import make_delivery

MEBI = 2**20
MOST_S = 60
MOST_BYTES = 700 * MEBI
COMMAND = "from assurai_datasets.cli import main; main()"
Change = Callable[[zipfile.ZipInfo], None]


class Case(NamedTuple):
    """A hostile archive: the end of its name, what makes it of the files of a sound delivery, what must be said."""

    suffix: str
    make: Callable[[dict[str, bytes]], bytes]
    code: Code
    said: str


def zipped(files: dict[str, bytes], hostile: dict[str, bytes] | None = None, change: Change | None = None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name, content in (hostile or {}).items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    return packed.getvalue()


def tarred(files: dict[str, bytes], *hostile: tarfile.TarInfo) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in hostile:
            archive.addfile(info)
    return packed.getvalue()


def as_link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def tar_link(files: dict[str, bytes]) -> bytes:
    info = tarfile.TarInfo("media")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc"
    return tarred(files, info)


def encrypted(files: dict[str, bytes]) -> bytes:
    packed = bytearray(zipped({"secret.jsonl": b"secret"}, files))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + offset] |= 1
    return bytes(packed)


def ratio_bomb(files: dict[str, bytes]) -> bytes:
    return zipped(files, {"media/bomb.png": bytes(300 * MEBI)})


def gzip_bomb(files: dict[str, bytes]) -> bytes:
    """Return a gzipped tar whose stream goes on for a gibibyte of zeros within one member."""
    member = tarfile.TarInfo("media/bomb.png")
    member.size = 1024 * MEBI
    plain = gzip.decompress(tarred(files)).rstrip(b"\0")
    plain += bytes(-len(plain) % 512) + member.tobuf()
    zeros = gzip.compress(bytes(64 * MEBI))
    return gzip.compress(plain, 1) + zeros * 16


def nested_bomb(files: dict[str, bytes]) -> bytes:
    """Return sixteen archives in each of sixteen in each of sixteen, of ten mebibytes each: forty gibibytes."""
    inner = zipped({"zeros.bin": bytes(10 * MEBI)})
    for _ in range(3):
        inner = zipped({f"{number}.zip": inner for number in range(16)})
    return zipped({**files, "media.zip": inner})


def many_members(files: dict[str, bytes]) -> bytes:
    return zipped(files, {f"media/{number}.png": b"" for number in range(100_000)})


def many_members_in_tar(files: dict[str, bytes]) -> bytes:
    return tarred(files, *(tarfile.TarInfo(f"media/{number}.png") for number in range(100_000)))


REFUSED, LIMIT, ESCAPES = Code.DELIVERY_MEMBER_REFUSED, Code.DELIVERY_LIMIT_EXCEEDED, Code.DELIVERY_PATH_ESCAPES
QUICK = {
    "zip slip": Case(".zip", lambda files: zipped(files, {"../outside.txt": b"x"}), ESCAPES, "climbs out"),
    "absolute name": Case(".zip", lambda files: zipped(files, {"/tmp/outside.txt": b"x"}), ESCAPES, "is absolute"),
    "link in a zip": Case(".zip", lambda files: zipped(files, {"media": b"/etc"}, as_link), REFUSED, "it is a link"),
    "link in a tar": Case(".tar.gz", tar_link, REFUSED, "it is a link to '/etc'"),
    "encrypted": Case(".zip", encrypted, REFUSED, "it is encrypted"),
}
LARGE = {
    "ratio bomb": Case(".zip", ratio_bomb, LIMIT, "times its packed size"),
    "gzip bomb": Case(".tar.gz", gzip_bomb, LIMIT, "times its packed size"),
    "nested bomb": Case(".zip", nested_bomb, LIMIT, "archives lie deeper in one another than 2"),
    "100,000 members": Case(".zip", many_members, LIMIT, "100,002 members, more than 50,000"),
    "100,000 members in a tar": Case(".tar.gz", many_members_in_tar, LIMIT, "more than 50,000 members"),
}


def write(folder: Path, case: Case) -> Path:
    sound = make_delivery(folder / "sound")
    files = {path.relative_to(sound).as_posix(): path.read_bytes() for path in sound.rglob("*") if path.is_file()}
    archive = folder / f"delivery{case.suffix}"
    archive.write_bytes(case.make(files))
    return archive


def validate_bounded(archive: Path, temporary: Path) -> dict[str, Any]:
    """Return what `assurai validate` says within a minute and 700 MiB of memory, leaving nothing behind."""
    temporary.mkdir()

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))

    command = [sys.executable, "-c", COMMAND, "validate", str(archive), "--json", "--workers", "1"]
    environment = {"TMPDIR": str(temporary), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command, env=environment, preexec_fn=bound, capture_output=True, text=True, timeout=MOST_S, check=False
    )
    assert done.returncode == 1, done.stderr
    assert not list(temporary.iterdir())
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def check(case: Case, folder: Path) -> None:
    archive = write(folder, case)
    before = {path.name for path in folder.iterdir()}
    report = validate_bounded(archive, folder / "temporary")
    found = [issue["code"] for issue in report["issues"] if case.said in issue["message"]]
    assert found
    assert set(found) == {case.code.value}
    assert {path.name for path in folder.iterdir()} - before == {"temporary"}


@pytest.mark.parametrize("name", QUICK)
def test_a_hostile_member_is_an_issue_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    check(QUICK[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_an_archive_that_asks_for_too_much_is_an_issue_within_bounds(tmp_path: Path, name: str) -> None:
    check(LARGE[name], tmp_path)
