import gzip
import io
import os
import stat
import tarfile
import time
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assurai_datasets.errors import UsageError
from assurai_datasets.files.archives import ArchiveLimits, Unpacked, unpack_delivery

SMALL = ArchiveLimits(members=50, total_bytes=40_000_000, member_bytes=20_000_000, ratio=100)
Members = dict[str, bytes]


def zip_of(members: Members, edit: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if edit:
                edit(info)
            archive.writestr(info, content)
    return packed.getvalue()


def tar_of(members: Members, edit: Callable[[tarfile.TarInfo], None] | None = None, mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if edit:
                edit(info)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def tgz_of(members: Members, edit: Callable[[tarfile.TarInfo], None] | None = None) -> bytes:
    return tar_of(members, edit, "w:gz")


PACK: dict[str, Callable[[Members], bytes]] = {".zip": zip_of, ".tar": tar_of, ".tar.gz": tgz_of, ".tgz": tgz_of}


@pytest.fixture
def unpack(tmp_path: Path) -> Callable[..., Unpacked]:
    def unpack(content: bytes, name: str = "d.zip", limits: ArchiveLimits = SMALL) -> Unpacked:
        (tmp_path / name).write_bytes(content)
        into = tmp_path / "into"
        into.mkdir()
        found = unpack_delivery(tmp_path / name, into, limits=limits)
        outside = {path.name for path in tmp_path.iterdir()} - {name, "into"}
        assert not outside
        assert not any(path.is_symlink() for path in into.rglob("*"))
        return found

    return unpack


def content_of(unpacked: Unpacked) -> Members:
    files = (path for path in unpacked.root.rglob("*") if path.is_file())
    return {path.relative_to(unpacked.root).as_posix(): path.read_bytes() for path in files}


def reasons(unpacked: Unpacked) -> list[tuple[str, str | None]]:
    return [(fault.reason, fault.member) for fault in unpacked.faults]


DELIVERY = {"delivery.yaml": b"name: x\n", "media/그림.png": b"picture"}


@pytest.mark.parametrize("suffix", PACK)
def test_a_packed_delivery_is_the_folder_it_was(unpack: Callable[..., Unpacked], suffix: str) -> None:
    found = unpack(PACK[suffix](DELIVERY), f"d{suffix}")
    assert content_of(found) == DELIVERY
    assert found.faults == ()


@pytest.mark.parametrize("suffix", PACK)
def test_one_folder_around_everything_is_looked_through(unpack: Callable[..., Unpacked], suffix: str) -> None:
    wrapped = {f"batch 7/{name}": content for name, content in DELIVERY.items()}
    assert (
        content_of(unpack(PACK[suffix]({**wrapped, "__MACOSX/batch 7/._x": b"", ".DS_Store": b""}), f"d{suffix}"))
        == DELIVERY
    )


def test_a_folder_without_archives_is_left_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/instances.jsonl").write_text("{}")
    assert unpack_delivery(tmp_path / "d", tmp_path / "into") == Unpacked(tmp_path / "d")
    assert not (tmp_path / "into").exists()


@pytest.mark.parametrize("inner", ["", "media/"])
@pytest.mark.parametrize("suffix", PACK)
def test_packed_media_become_a_folder_beside_and_the_delivery_stays_as_it_is(
    tmp_path: Path, suffix: str, inner: str
) -> None:
    delivery = tmp_path / "d"
    delivery.mkdir()
    (delivery / "instances.jsonl").write_text("{}")
    (delivery / f"media{suffix}").write_bytes(PACK[suffix]({f"{inner}a.png": b"a", f"{inner}b.png": b"b"}))
    before = content_of(Unpacked(delivery))
    (tmp_path / "into").mkdir()
    found = unpack_delivery(delivery, tmp_path / "into", limits=SMALL)
    assert content_of(found) == {"instances.jsonl": b"{}", "media/a.png": b"a", "media/b.png": b"b"}
    assert content_of(Unpacked(delivery)) == before


def test_packed_media_do_not_hide_a_folder_of_their_name(unpack: Callable[..., Unpacked]) -> None:
    found = unpack(zip_of({"media/a.png": b"a", "media.zip": zip_of({"a.png": b"other"}), "x": b""}))
    assert content_of(found)["media/a.png"] == b"a"
    assert [fault.reason for fault in found.faults] == ["duplicate"]


@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize("codec", ["cp949", "utf-8"])
def test_korean_names_without_a_flag_are_read_as_windows_or_macos_meant_them(
    unpack: Callable[..., Unpacked], codec: str, flagged: bool
) -> None:
    name = unicodedata.normalize("NFD" if codec == "utf-8" else "NFC", "그림/한글 이름.png")
    packed = zip_of({"x" * len(name.encode(codec)): b"a", "b": b"b"})
    packed = packed.replace(b"x" * len(name.encode(codec)), name.encode(codec))
    if flagged and codec == "utf-8":
        packed = zip_of({name: b"a", "b": b"b"})
    assert content_of(unpack(packed)) == {"그림/한글 이름.png": b"a", "b": b"b"}


def test_korean_names_in_a_tar_of_windows_are_read_rightly(unpack: Callable[..., Unpacked]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT, encoding="cp949") as archive:
        archive.addfile(tarfile.TarInfo("그림/한글.png"))
    assert set(content_of(unpack(packed.getvalue(), "d.tar"))) == {"한글.png"}


def test_backslashes_of_old_windows_programs_are_slashes(unpack: Callable[..., Unpacked]) -> None:
    packed = zip_of({"media/a.png": b"a", "b": b"b"}).replace(b"media/a.png", b"media\\a.png")
    assert content_of(unpack(packed)) == {"media/a.png": b"a", "b": b"b"}


HOSTILE_NAMES = ["../evil", "a/../../evil", "/tmp/evil", "C:/evil", "CON", "x" * 300, "a//b", "~/evil"]


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_that_leads_out_is_refused_and_the_rest_unpacked(
    unpack: Callable[..., Unpacked], name: str, suffix: str
) -> None:
    found = unpack(PACK[suffix]({name: b"evil", "good": b"good"}), f"d{suffix}")
    assert content_of(found) == {"good": b"good"}
    assert [fault.reason for fault in found.faults] == ["path"]


def test_a_backslash_cannot_climb_either(unpack: Callable[..., Unpacked]) -> None:
    packed = zip_of({"../../evil": b"evil", "good": b""}).replace(b"../../evil", b"..\\..\\evil")
    assert reasons(unpack(packed)) == [("path", "../../evil")]


def test_a_nul_in_a_name_does_not_cut_it(unpack: Callable[..., Unpacked]) -> None:
    packed = zip_of({"good.png_.exe": b"evil", "good": b""}).replace(b"good.png_.exe", b"good.png\x00.exe")
    found = unpack(packed)
    assert set(content_of(found)) == {"good"}
    assert [fault.reason for fault in found.faults] == ["path"]


def test_links_and_devices_in_a_zip_are_refused(unpack: Callable[..., Unpacked]) -> None:
    kinds = {"link": stat.S_IFLNK, "pipe": stat.S_IFIFO, "device": stat.S_IFCHR, "good": stat.S_IFREG}

    def edit(info: zipfile.ZipInfo) -> None:
        info.external_attr = (kinds[info.filename] | 0o644) << 16

    found = unpack(zip_of(dict.fromkeys(kinds, b"/etc/passwd"), edit))
    assert reasons(found) == [("link", "link"), ("special", "pipe"), ("special", "device")]
    assert set(content_of(found)) == {"good"}


def test_links_and_devices_in_a_tar_are_refused(unpack: Callable[..., Unpacked]) -> None:
    kinds = {"soft": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE, "dev": tarfile.CHRTYPE}

    def edit(info: tarfile.TarInfo) -> None:
        info.type = kinds.get(info.name, tarfile.REGTYPE)
        info.linkname = "/etc/passwd"

    found = unpack(tar_of({**dict.fromkeys(kinds, b""), "good": b"good"}, edit), "d.tar")
    assert reasons(found) == [("link", "soft"), ("link", "hard"), ("special", "pipe"), ("special", "dev")]
    assert content_of(found) == {"good": b"good"}


@pytest.mark.parametrize(
    "pair",
    [("a.png", "A.PNG"), ("한글", unicodedata.normalize("NFD", "한글")), ("m", "m/a"), ("m/a", "m"), ("ß", "SS")],
)
@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_two_members_of_one_name_on_some_system_are_refused(
    unpack: Callable[..., Unpacked], suffix: str, pair: tuple[str, str]
) -> None:
    found = unpack(PACK[suffix]({pair[0]: b"first", pair[1]: b"second", "z": b""}), f"d{suffix}")
    assert [fault.reason for fault in found.faults] == ["duplicate"]
    assert b"second" not in content_of(found).values()


def test_the_same_name_twice_is_refused(unpack: Callable[..., Unpacked]) -> None:
    packed = zip_of({"a.png": b"first", "b.png": b"second"}).replace(b"b.png", b"a.png")
    found = unpack(packed)
    assert (content_of(found), [fault.reason for fault in found.faults]) == ({"a.png": b"first"}, ["duplicate"])


def test_an_encrypted_member_is_refused(unpack: Callable[..., Unpacked]) -> None:
    packed = bytearray(zip_of({"secret": b"secret", "good": b"good"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(mark) + offset] |= 1
    found = unpack(bytes(packed))
    assert (content_of(found), reasons(found)) == ({"good": b"good"}, [("encrypted", "secret")])


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
def test_what_swells_too_much_is_refused_early(unpack: Callable[..., Unpacked], suffix: str) -> None:
    found = unpack(PACK[suffix]({"bomb": b"\x00" * 19_000_000, "good": b""}), f"d{suffix}")
    assert [fault.reason for fault in found.faults] == ["limit"]
    assert "bomb" not in content_of(found)


def test_a_zip_that_lies_about_the_size_of_a_member_gives_no_more_than_it_said(unpack: Callable[..., Unpacked]) -> None:
    content = os.urandom(1000) * 20
    packed = zip_of({"liar": content, "good": b"good"})
    packed = packed.replace(len(content).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    found = unpack(packed)
    assert content_of(found) == {"good": b"good"}
    assert [fault.reason for fault in found.faults] == ["unreadable"]


@pytest.mark.parametrize("suffix", [".zip", ".tar"])
def test_one_member_and_all_together_are_bounded(unpack: Callable[..., Unpacked], suffix: str) -> None:
    noise = os.urandom(400_000)
    limits = ArchiveLimits(total_bytes=1_000_000, member_bytes=500_000)
    found = unpack(PACK[suffix]({"large": noise * 2, "a": noise, "b": noise, "c": noise}), f"d{suffix}", limits)
    assert [(fault.reason, fault.member) for fault in found.faults] == [("limit", "large"), ("limit", None)]
    assert set(content_of(found)) == {"a", "b"}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
def test_too_many_members_stop_the_unpacking_soon(unpack: Callable[..., Unpacked], suffix: str) -> None:
    packed = PACK[suffix]({f"{n}.txt": b"" for n in range(20_000)})
    begun = time.process_time()
    found = unpack(packed, f"d{suffix}", ArchiveLimits(members=1000))
    assert time.process_time() - begun < 2
    assert [(fault.reason, fault.member) for fault in found.faults] == [("limit", None)]


def test_a_hundred_thousand_members_are_refused_before_one_is_unpacked(unpack: Callable[..., Unpacked]) -> None:
    found = unpack(zip_of({f"{n}.txt": b"" for n in range(100_000)}), limits=ArchiveLimits())
    assert [(fault.reason, fault.member) for fault in found.faults] == [("limit", None)]
    assert content_of(found) == {}


def test_a_directory_that_declares_endless_members_is_not_read(unpack: Callable[..., Unpacked]) -> None:
    packed = bytearray(zip_of({"a": b""}))
    end = packed.rindex(b"PK\x05\x06")
    packed[end + 8 : end + 16] = b"\xff\xff\xff\xff" + (2**31).to_bytes(4, "little")
    assert reasons(unpack(bytes(packed))) == [("limit", None)]


def test_many_faults_are_counted_rather_than_told_one_by_one(unpack: Callable[..., Unpacked]) -> None:
    limits = ArchiveLimits(faults=5)
    found = unpack(zip_of({f"../{n}": b"" for n in range(30)}), limits=limits)
    assert len(found.faults) == 6
    assert "25 more" in found.faults[-1].message


def test_archives_in_archives_are_unpacked_to_a_depth(unpack: Callable[..., Unpacked]) -> None:
    packed = zip_of({"a": b"innermost"})
    for level in range(4, 1, -1):
        packed = zip_of({f"level{level}.zip": packed, "b": b""})
    found = unpack(packed)
    assert "level2/b" in content_of(found)
    assert [(fault.reason, fault.archive) for fault in found.faults] == [("limit", "level2/level3.zip")]


def test_a_bomb_of_nested_archives_shares_one_budget(unpack: Callable[..., Unpacked]) -> None:
    inner = zip_of({"x": os.urandom(400_000)})
    found = unpack(zip_of({f"{n}.zip": inner for n in range(10)}), limits=ArchiveLimits(total_bytes=6_000_000))
    assert any(fault.reason == "limit" for fault in found.faults)
    assert sum(len(content) for content in content_of(found).values()) <= 6_000_000


def test_a_tar_header_that_asks_for_gigabytes_is_refused(unpack: Callable[..., Unpacked]) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 2**32
    packed = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + b"\x00" * 10_000)
    assert [fault.reason for fault in unpack(packed, "d.tgz").faults] == ["limit"]


@pytest.mark.parametrize("name", ["d.zip", "d.tar", "d.tar.gz", "d.tgz"])
@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all " * 100, b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_said_to_be_none(unpack: Callable[..., Unpacked], name: str, content: bytes) -> None:
    assert [fault.reason for fault in unpack(content, name).faults] == ["unreadable"]


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
def test_a_damaged_archive_gives_faults_and_no_crash(tmp_path: Path, suffix: str) -> None:
    whole = PACK[suffix]({f"{n}.txt": os.urandom(50) for n in range(5)})
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        (tmp_path / f"d{suffix}").write_bytes(
            whole[:at] + bytes(b ^ 0x5A for b in whole[at : at + 8]) + whole[at + 8 :]
        )
        into = tmp_path / f"into{at}"
        into.mkdir()
        unpack_delivery(tmp_path / f"d{suffix}", into, limits=SMALL)


def test_a_file_that_is_no_archive_is_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "d.rar").write_bytes(b"")
    with pytest.raises(UsageError, match="neither"):
        unpack_delivery(tmp_path / "d.rar", tmp_path)
