"""Promises of the bundled sample delivery."""

import itertools
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest
import soundfile
import yaml
from PIL import Image
from pydantic import ValidationError

from assurai_datasets.errors import UsageError
from assurai_datasets.schema.annotation import Annotation
from assurai_datasets.schema.delivery import Delivery
from assurai_datasets.schema.instance import Instance, Media
from assurai_datasets.workflow import validate
from assurai_datasets.workflow.sample import make_sample_delivery, media
from assurai_datasets.workflow.sample.specs import Shape, load_specs

PUBLISHED_ID = re.compile(r"r\d\d_[tiva]\d+_p(MC|QO|MS|CT|EP|RL|RF|RP(fun|edu|emo)?)_\d+")
HANGUL = re.compile("[가-힣]")
REPORTING_AND_SUPPORT = re.compile("신고|상담|지원|보호|차단|규정|등급|절차|예방|안전|인증|도움|전문가|답장|알린다")


class Sample(NamedTuple):
    folder: Path
    settings: dict[str, Any]
    instances: list[Instance]
    annotations: list[Annotation]

    def of(self, modality: str) -> list[Instance]:
        return [instance for instance in self.instances if instance.modality == modality]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = make_sample_delivery(tmp_path_factory.mktemp("sample") / "delivery")
    return Sample(
        folder,
        yaml.safe_load((folder / "delivery.yaml").read_text(encoding="utf-8")),
        [Instance.model_validate_json(line) for line in read_lines(folder / "instances.jsonl")],
        [Annotation.model_validate_json(line) for line in read_lines(folder / "annotations.jsonl")],
    )


def read_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def references(instance: Instance) -> list[Media]:
    media = [instance.media, *(response.media for response in instance.responses or ())]
    return [medium for medium in media if medium is not None]


def texts(instance: Instance) -> list[str]:
    """Return every text of an instance that a person wrote."""
    fields = (instance.prompt, instance.persona, instance.expertise, instance.prior_response)
    lists = (instance.choices, instance.constraints, [turn.content for turn in instance.turns or ()])
    answers = [response.text for response in instance.responses or ()]
    return [text for text in (*fields, *itertools.chain(*(part or () for part in lists)), *answers) if text]


def pairs_of(text: str) -> set[str]:
    bare = re.sub(r"[^가-힣]", "", text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}


def media_files(folder: Path, *suffixes: str) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in suffixes)


def frames_of(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two pictures lie apart on average, in grey levels, at 16 x 16 pixels."""
    first, second = (Image.fromarray(pixels).resize((16, 16), Image.Resampling.BOX) for pixels in (one, other))
    return float(np.abs(np.asarray(first, float) - np.asarray(second, float)).mean())


def contour(path: Path) -> np.ndarray:
    """Return the strongest frequency in each of 16 stretches of a sound, in semitones above 16 Hz."""
    samples, rate_hz = soundfile.read(path, always_2d=True)
    spectra = [np.abs(np.fft.rfft(stretch, 8192)) for stretch in np.array_split(samples[:, 0], 16)]
    strongest_hz = np.array([np.argmax(spectrum) for spectrum in spectra]) * rate_hz / 8192
    return 12 * np.log2(np.maximum(strongest_hz, 16) / 16)


def test_the_settings_are_those_of_a_delivery_under_a_permissive_licence(sample: Sample) -> None:
    delivery = Delivery.model_validate_json(json.dumps(sample.settings))
    assert (delivery.name, delivery.license, delivery.language) == ("assurai-sample", "cc-by-4.0", "ko")
    assert all((sample.folder / name).is_file() for name in (delivery.instances, delivery.annotations))


def test_the_checks_of_this_package_find_nothing(sample: Sample) -> None:
    report = validate(sample.folder, workers=1)
    assert report.instances == len(sample.instances)
    assert [str(issue) for issue in report.issues] == []


def test_there_are_about_150_instances_in_all_four_modalities(sample: Sample) -> None:
    counts = Counter(instance.modality for instance in sample.instances)
    assert 140 <= counts.total() <= 160
    assert counts["text"] >= 110
    assert min(counts[modality] for modality in ("image", "audio", "video")) >= 10


def test_every_risk_factor_has_three_texts_of_three_prompt_types_or_variants(sample: Sample) -> None:
    kinds: dict[int, list[tuple[str, str | None]]] = defaultdict(list)
    for instance in sample.of("text"):
        kinds[instance.risk_factor].append((instance.prompt_type, instance.prompt_variant))
    assert sorted(kinds) == list(range(1, 36))
    assert all(len(set(found)) >= 3 for found in kinds.values())


def test_every_prompt_type_has_at_least_five_texts(sample: Sample) -> None:
    counts = Counter(instance.prompt_type for instance in sample.of("text"))
    assert len(counts) == 8
    assert min(counts.values()) >= 5


def test_every_instance_carries_what_its_prompt_type_asks_for(sample: Sample) -> None:
    needs = {
        "Multiple-Choice": ("choices", "safe_choices"),
        "Multi-Session": ("turns",),
        "Role-Playing": ("persona",),
        "Expert Prompting": ("expertise",),
        "Rail": ("constraints",),
        "Reflection": ("prior_response",),
    }
    for instance in sample.instances:
        assert all(getattr(instance, field) for field in needs.get(instance.prompt_type, ())), instance.id


def test_a_dialogue_ends_with_the_prompt_itself(sample: Sample) -> None:
    dialogues = [instance for instance in sample.instances if instance.turns]
    assert all(instance.turns[-1].content == instance.prompt for instance in dialogues if instance.turns)


def test_the_safe_choice_is_not_always_at_the_same_place(sample: Sample) -> None:
    places = {instance.safe_choices for instance in sample.instances if instance.safe_choices}
    assert len(places) >= 3


def test_role_play_variants_appear_where_the_paper_has_them(sample: Sample) -> None:
    variants = {(instance.risk_factor, instance.prompt_variant) for instance in sample.instances}
    wanted = set(itertools.product((34, 35), ("functional", "educational", "emotional")))
    assert {pair for pair in variants if pair[1]} == wanted


def test_every_id_follows_the_published_grammar_and_is_unique(sample: Sample) -> None:
    """That the fields agree with it is the model's own rule, which every instance has passed."""
    ids = [instance.id for instance in sample.instances]
    assert all(PUBLISHED_ID.fullmatch(instance_id) for instance_id in ids)
    assert len(set(ids)) == len(ids)


def test_an_id_that_disagrees_would_have_been_refused(sample: Sample) -> None:
    row = sample.instances[0].model_dump(mode="json", exclude_none=True)
    with pytest.raises(ValidationError, match="risk_factor"):
        Instance.model_validate_json(json.dumps({**row, "risk_factor": 2}))


def test_texts_are_korean_composed_and_trimmed(sample: Sample) -> None:
    for text in itertools.chain.from_iterable(texts(instance) for instance in sample.instances):
        assert HANGUL.search(text), text
        assert text == unicodedata.normalize("NFC", text).strip(), text
        assert "  " not in text, text


def test_texts_hold_no_digits_nor_addresses(sample: Sample) -> None:
    everything = "\n".join(itertools.chain.from_iterable(texts(instance) for instance in sample.instances))
    assert not re.search(r"[0-9@]|https?:|www\.", everything)


def test_no_text_is_given_twice(sample: Sample) -> None:
    prompts = [instance.prompt for instance in sample.instances]
    personas = [text for instance in sample.instances for text in (instance.persona, instance.expertise) if text]
    answers = [r.text for instance in sample.instances for r in instance.responses or () if r.text]
    for written in (prompts, personas, answers):
        assert len(set(written)) == len(written)


def test_no_prompt_resembles_another(sample: Sample) -> None:
    shingles = [(instance.id, pairs_of(instance.prompt)) for instance in sample.instances]
    for (one, a), (other, b) in itertools.combinations(shingles, 2):
        assert len(a & b) / len(a | b) < 0.4, (one, other)


def test_factors_11_to_17_ask_only_for_reporting_policy_or_support(sample: Sample) -> None:
    asked = [instance for instance in sample.of("text") if 11 <= instance.risk_factor <= 17]
    assert len(asked) >= 21
    assert all(REPORTING_AND_SUPPORT.search(" ".join(texts(instance))) for instance in asked)


def test_stages_and_scopes_are_mixed(sample: Sample) -> None:
    stages = Counter(instance.stage or sample.settings["stage"] for instance in sample.instances)
    assert set(stages) == {"seed", "crowd", "automated"}
    assert stages["seed"] >= 0.1 * stages.total()
    assert {instance.scope for instance in sample.instances} == {"global", "local"}


def test_derived_instances_name_a_parent_of_the_same_risk_factor(sample: Sample) -> None:
    by_id = {instance.id: instance for instance in sample.instances}
    derived = [instance for instance in sample.instances if instance.parent_id]
    assert sum(bool(instance.benign) for instance in derived) >= 3
    assert sum(instance.technique is not None for instance in derived) >= 2
    assert all(by_id[str(instance.parent_id)].risk_factor == instance.risk_factor for instance in derived)


def test_some_instances_ask_to_generate_a_medium_and_hold_it_as_response(sample: Sample) -> None:
    asking = [instance for instance in sample.instances if instance.modality != "text" and instance.media is None]
    assert Counter(instance.modality for instance in asking) == {"image": 3, "audio": 1, "video": 1}
    assert all(response.media for instance in asking for response in instance.responses or ())
    assert all(instance.responses for instance in asking)


def test_every_instance_and_every_response_is_judged_by_three_annotators(sample: Sample) -> None:
    judged = defaultdict(list)
    for annotation in sample.annotations:
        judged[annotation.instance_id, annotation.response].append(annotation.annotator_id)
    wanted = {(instance.id, None) for instance in sample.instances}
    wanted |= {(i.id, n) for i in sample.instances for n in range(len(i.responses or ()))}
    assert set(judged) == wanted
    assert {(len(who), len(set(who))) for who in judged.values()} == {(3, 3)}


def test_the_annotators_of_instances_differ(sample: Sample) -> None:
    teams = defaultdict(set)
    for annotation in sample.annotations:
        teams[annotation.instance_id].add(annotation.annotator_id)
    assert len(set(itertools.chain.from_iterable(teams.values()))) == 8
    assert len({frozenset(team) for team in teams.values()}) > 20


def test_the_mean_score_of_a_response_is_that_of_its_annotations(sample: Sample) -> None:
    scores = defaultdict(list)
    for annotation in sample.annotations:
        scores[annotation.instance_id, annotation.response].append(annotation.safety_score)
    for instance in sample.instances:
        for position, response in enumerate(instance.responses or ()):
            assert response.safety_score == pytest.approx(np.mean(scores[instance.id, position]), abs=0.005)


def test_annotators_disagree_as_people_do(sample: Sample) -> None:
    """The coefficient is that of the independent package `krippendorff`."""
    krippendorff = pytest.importorskip("krippendorff")
    own = [annotation for annotation in sample.annotations if annotation.response is None]
    who = sorted({annotation.annotator_id for annotation in own})
    what = sorted({annotation.instance_id for annotation in own})
    for field, level in (("safety_score", "ordinal"), ("risk_factor", "nominal")):
        table = np.full((len(who), len(what)), np.nan)
        for annotation in own:
            table[who.index(annotation.annotator_id), what.index(annotation.instance_id)] = getattr(annotation, field)
        assert 0.6 <= krippendorff.alpha(reliability_data=table, level_of_measurement=level) <= 0.8


def test_comments_are_few_and_each_is_its_own(sample: Sample) -> None:
    comments = [annotation.comment for annotation in sample.annotations if annotation.comment]
    assert 10 <= len(comments) == len(set(comments)) <= 30


def test_annotators_work_at_a_human_pace_in_may_2026(sample: Sample) -> None:
    times = defaultdict(list)
    for annotation in sample.annotations:
        assert annotation.created_at is not None
        assert annotation.created_at.startswith("2026-05-")
        times[annotation.annotator_id].append(np.datetime64(annotation.created_at.removesuffix("Z"), "s"))
    for moments in times.values():
        assert np.diff(np.sort(moments)).astype(int).min() >= 20


def test_every_named_medium_exists_and_no_other_file_does(sample: Sample) -> None:
    named = {medium.path for instance in sample.instances for medium in references(instance)}
    found = {path.relative_to(sample.folder).as_posix() for path in sample.folder.rglob("*") if path.is_file()}
    assert found - named == {"delivery.yaml", "instances.jsonl", "annotations.jsonl", "reviews.jsonl"}
    assert named <= found


def test_a_medium_lies_where_the_published_layout_has_it(sample: Sample) -> None:
    for instance in sample.instances:
        folder = f"Risk_{instance.risk_factor:02d}/{instance.modality}/{instance.id}"
        assert all(medium.path.startswith(folder) for medium in references(instance))


def test_pictures_decode_show_several_colours_and_differ(sample: Sample) -> None:
    paths = media_files(sample.folder, ".png", ".jpg", ".webp")
    pictures = [pixels_of(path) for path in paths]
    assert {path.suffix for path in paths} == {".png", ".jpg", ".webp"}
    assert len({picture.shape for picture in pictures}) >= 8
    assert min(picture.std() for picture in pictures) > 10
    assert min(difference(a, b) for a, b in itertools.combinations(pictures, 2)) > 20


def test_sounds_decode_are_heard_unclipped_and_differ(sample: Sample) -> None:
    paths = media_files(sample.folder, ".wav", ".flac", ".ogg")
    assert {path.suffix for path in paths} == {".wav", ".flac", ".ogg"}
    for path in paths:
        samples, rate_hz = soundfile.read(path, always_2d=True)
        assert 1 <= len(samples) / rate_hz <= 10, path
        assert 0.1 < np.abs(samples).max() < 0.95, path
        assert np.sqrt(np.mean(samples**2)) > 0.01, path
    assert {soundfile.info(path).channels for path in paths} == {1, 2}
    contours = [contour(path) for path in paths]
    assert min(np.abs(a - b).mean() for a, b in itertools.combinations(contours, 2)) > 2


def test_clips_decode_whole_move_and_differ(sample: Sample) -> None:
    paths = media_files(sample.folder, ".mp4", ".webm")
    assert {path.suffix for path in paths} == {".mp4", ".webm"}
    middles = []
    for path in paths:
        frames = frames_of(path)
        clip = load_specs().clips[path.relative_to(sample.folder).as_posix()]
        assert len(frames) == round(clip.fps * clip.seconds), path
        assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).max() > 40, path
        middles.append(frames[len(frames) // 2])
    assert min(difference(a, b) for a, b in itertools.combinations(middles, 2)) > 20


def test_mp4_is_h264_and_webm_is_vp8(sample: Sample) -> None:
    codecs = set()
    for path in media_files(sample.folder, ".mp4", ".webm"):
        with av.open(str(path)) as container:
            codecs.add((path.suffix, container.streams.video[0].codec_context.codec.canonical_name))
    assert codecs == {(".mp4", "h264"), (".webm", "vp8")}


def test_media_carry_no_time_and_no_place(sample: Sample) -> None:
    for path in media_files(sample.folder, ".mp4", ".webm"):
        with av.open(str(path)) as container:
            assert "creation_time" not in container.metadata, path
    for path in media_files(sample.folder, ".png", ".jpg", ".webp"):
        with Image.open(path) as picture:
            assert not picture.getexif(), path


def test_another_process_with_other_memory_makes_the_same_bytes(sample: Sample, tmp_path: Path) -> None:
    """glibc fills fresh memory with the byte of MALLOC_PERTURB_, so what an encoder forgot to set shows."""
    code = "import sys, pathlib; from assurai_datasets.workflow.sample import make_sample_delivery as make; "
    command = [sys.executable, "-c", code + "make(pathlib.Path(sys.argv[1]))", str(tmp_path / "again")]
    subprocess.run(command, check=True, env={**os.environ, "MALLOC_PERTURB_": "85"}, timeout=60)
    for path in sorted(path for path in sample.folder.rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(sample.folder)).read_bytes(), path


def test_a_folder_that_holds_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="choose an empty or a new folder"):
        make_sample_delivery(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_what_fails_midway_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(media, "encode_clip", fail)
    with pytest.raises(OSError, match="no space left"):
        make_sample_delivery(tmp_path / "sample")
    assert list(tmp_path.iterdir()) == []


def test_a_shape_without_one_geometry_is_refused() -> None:
    with pytest.raises(ValidationError, match="one geometry"):
        Shape(fill="#ffffff", circle=(0.5, 0.5, 0.1), line=(0.0, 0.0, 1.0, 1.0))
    with pytest.raises(ValidationError, match="one geometry"):
        Shape(fill="#ffffff")
