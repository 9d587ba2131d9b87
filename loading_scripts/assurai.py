"""A release of AssurAI for `datasets` 2.x and 3.x, which still run loading scripts, with conditions as arguments.

    from datasets import load_dataset
    load_dataset(
        "loading_scripts/assurai.py", "text", split="test", trust_remote_code=True,
        release="assurai", risk_factor=["Hate Speech", 9], prompt_type="Rail",
    )

The file stands alone: it needs `datasets` and what that brings, and nothing of the package `assurai_datasets`.
"""

import json
import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Optional, Tuple, Union

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads
import pyarrow.parquet as pq

CONFIGS = ("text", "image", "video", "audio", "index", "annotations", "reviews", "taxonomy")
CODES = {
    "Multiple-Choice": "MC",
    "Q Only": "QO",
    "Multi-Session": "MS",
    "Role-Playing": "RP",
    "Chain-of-Thought": "CT",
    "Expert Prompting": "EP",
    "Rail": "RL",
    "Reflection": "RF",
}
WORDS = {"stage": ("seed", "crowd", "automated"), "scope": ("global", "local")}
REPOSITORY = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>.+))?")
VERSION = re.compile(r"v?(?P<version>[0-9]+\.[0-9]+\.[0-9]+)")
HOW_TO_CHOOSE = "give release= (a folder, or org/name@1.0.0), or set the variable ASSURAI_RELEASE"
Values = Optional[Union[int, str, List[Union[int, str]]]]


@dataclass
class AssurAIConfig(datasets.BuilderConfig):
    """What to load.

    Args:
        release: A folder, `org/name` or `org/name@1.0.0`; by default what the variable ASSURAI_RELEASE says.
        risk_factor: Numbers 1-35, codes (`r04`), English or Korean names; one, or a list of which any will do.
        category: English or Korean names.
        prompt_type: Names or codes (`QO`).
        stage: `seed`, `crowd`, `automated`.
        scope: `global`, `local`.
        min_agreement: Least agreement of an instance's annotators, 0 to 1.
    """

    release: Optional[str] = None
    risk_factor: Values = None
    category: Values = None
    prompt_type: Values = None
    stage: Values = None
    scope: Values = None
    min_agreement: Optional[float] = None

    def create_config_id(self, config_kwargs, custom_features=None):
        """Return the name of the cache's folder, another one for another content, and take the release's version."""
        manifest = open_release(self.release, self.name)[1]
        self.version = manifest["version"]
        return super().create_config_id({**config_kwargs, "digest": manifest["digest"]}, custom_features)


class AssurAI(datasets.ArrowBasedBuilder):
    """Reads the Parquet files of a release and skips the row groups that cannot match."""

    BUILDER_CONFIG_CLASS = AssurAIConfig
    BUILDER_CONFIGS = [AssurAIConfig(name=name) for name in CONFIGS]

    def _info(self):
        folder, manifest = open_release(self.config.release, self.config.name)
        splits = splits_of(manifest, self.config.name)
        schema = pq.read_schema(folder / next(iter(splits.values()))["files"][0])
        if self.config.name == "video" and not hasattr(datasets, "Video"):
            raise ValueError("the config 'video' needs datasets 3.1 or newer: pip install -U datasets")
        digests = ", ".join(f"digest sha256:{split['digest']}" for split in splits.values())
        return datasets.DatasetInfo(
            description=f"{manifest['name']} {manifest['version']}, config {self.config.name}, {digests}",
            features=datasets.Features.from_arrow_schema(schema),
        )

    def _split_generators(self, dl_manager):
        folder, manifest = open_release(self.config.release, self.config.name)
        condition = make_condition(self.config, read_taxonomy(folder, manifest))
        generators = []
        for name, split in splits_of(manifest, self.config.name).items():
            files = [str(folder / path) for path in split["files"]]
            if condition is not None and not pads.dataset(files, format="parquet").count_rows(filter=condition):
                raise ValueError(f"no row of the config {self.config.name!r} meets the conditions; loosen them")
            generators.append(datasets.SplitGenerator(name=name, gen_kwargs={"files": files}))
        return generators

    def _generate_tables(self, files):
        folder, manifest = open_release(self.config.release, self.config.name)
        condition = make_condition(self.config, read_taxonomy(folder, manifest))
        serial = 0
        for file in files:
            for batch in pads.dataset(file, format="parquet").to_batches(filter=condition, batch_size=1000):
                if batch.num_rows:
                    yield serial, pa.Table.from_batches([batch]).cast(self.info.features.arrow_schema)
                    serial += 1


def open_release(release: Optional[str], config: str) -> Tuple[Path, Any]:
    """Return the folder and the manifest of a release, from the Hub where it is not a folder."""
    place = release or os.environ.get("ASSURAI_RELEASE")
    if not place:
        raise ValueError(f"which release? {HOW_TO_CHOOSE}")
    folder = Path(place).expanduser()
    if not folder.is_dir():
        folder = fetch(place, config)
    if not (folder / "release.json").is_file():
        raise ValueError(f"{str(folder)!r} is not a release: it has no release.json; {HOW_TO_CHOOSE}")
    return folder, json.loads((folder / "release.json").read_text(encoding="utf-8"))


def fetch(place: str, config: str) -> Path:
    """Return the part of a release that a config needs, from the cache of the Hub's client or from the Hub."""
    from huggingface_hub import snapshot_download

    match = REPOSITORY.fullmatch(place)
    if match is None:
        raise ValueError(f"{place!r} is neither a folder that exists nor org/name[@version]; {HOW_TO_CHOOSE}")
    version = VERSION.fullmatch(match["revision"] or "")
    revision = f"v{version['version']}" if version else match["revision"]
    patterns = ["release.json", f"data/{config}/*", "data/taxonomy/*"]
    return Path(snapshot_download(match["repo"], repo_type="dataset", revision=revision, allow_patterns=patterns))


def splits_of(manifest: Any, config: str) -> Any:
    """Return the splits of a config."""
    if config not in manifest["configs"]:
        raise ValueError(f"the release has no config {config!r}; it has {', '.join(sorted(manifest['configs']))}")
    return manifest["configs"][config]["splits"]


def read_taxonomy(folder: Path, manifest: Any) -> List[Any]:
    """Return the risk factors as the release has them."""
    files = splits_of(manifest, "taxonomy")["test"]["files"]
    columns = ["number", "code", "name", "name_ko", "category", "category_ko"]
    return pq.read_table(folder / files[0], columns=columns).to_pylist()


def make_condition(config: AssurAIConfig, factors: List[Any]) -> Any:
    """Return the conditions as one expression, or None where there are none."""
    spelled = {
        "risk_factor": {key(word): row["name"] for row in factors for word in factor_words(row)},
        "category": {key(row[column]): row["category"] for row in factors for column in ("category", "category_ko")},
        "prompt_type": {key(word): name for name, code in CODES.items() for word in (name, code)},
        **{column: {word: word for word in words} for column, words in WORDS.items()},
    }
    parts = [
        pc.field(column).isin([find(column, value, names) for value in listed(getattr(config, column))])
        for column, names in spelled.items()
        if getattr(config, column) is not None
    ]
    if config.min_agreement is not None:
        parts.append(pc.field("agreement") >= float(config.min_agreement))
    whole = None
    for part in parts:
        whole = part if whole is None else whole & part
    return whole


def factor_words(row: Any) -> List[str]:
    """Return the spellings of a risk factor."""
    return [str(row["number"]), row["code"], f"r{row['number']}", row["name"], row["name_ko"]]


def key(word: Any) -> str:
    """Return a spelling without case, spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(word)).casefold())


def listed(value: Any) -> List[Any]:
    """Return one value or several as a list."""
    return [value] if isinstance(value, (str, int)) else list(value)


def find(column: str, value: Any, names: Any) -> str:
    """Return the name that a spelling means."""
    if key(value) not in names:
        raise ValueError(f"unknown {column} {value!r}; known: {', '.join(sorted(set(names.values())))}")
    return names[key(value)]
