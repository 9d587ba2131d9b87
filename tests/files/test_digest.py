from pathlib import Path

from assurai_datasets.files.digest import sha256_bytes, sha256_file


def test_a_file_and_its_bytes_have_the_published_digest(tmp_path: Path) -> None:
    """FIPS 180-2, appendix B.1."""
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_file(tmp_path / "abc") == sha256_bytes(b"abc") == expected
