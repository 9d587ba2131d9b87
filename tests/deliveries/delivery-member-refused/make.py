import tarfile
from pathlib import Path


def make(delivery: Path) -> None:
    link = tarfile.TarInfo("outside.png")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
    with tarfile.open(delivery / "media.tar", "w") as archive:
        archive.addfile(link)
