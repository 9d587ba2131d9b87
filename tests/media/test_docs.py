"""The pages about media: their examples run, and their table of formats is the one in the code."""

from assurai_datasets.media.file_formats import FORMATS
from tests.doc_examples import agrees, examples, run


def test_the_examples_of_the_page_print_what_it_shows(project_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for example in examples(project_folder / "docs/howto/media.md"):
        if example.kind == "python":
            printed = run(example, names)
            assert example.output is None or agrees(printed, example.output), f"{example.text}\nprinted\n{printed}"


def test_every_format_stands_in_the_reference(project_folder):
    page = (project_folder / "docs/reference/media.md").read_text(encoding="utf-8").lower()
    spelled = {
        "jpeg2000": "jpeg 2000",
        "jpegxl": "jpeg xl",
        "mkv": "matroska",
        "asf": "wmv",
        "mpegts": "mpeg-ts",
        "mpegps": "mpeg-ps",
        "ac3": "ac-3",
    }
    missing = [name for name in FORMATS if spelled.get(name, name) not in page]
    assert missing == []
