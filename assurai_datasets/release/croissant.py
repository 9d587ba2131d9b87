"""`croissant.json`: what a release holds, for programs; see http://mlcommons.org/croissant/1.0 and RAI/1.0."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from assurai_datasets.formats.features import MEDIA_TYPES, Feature, Features
from assurai_datasets.release.facts import Facts
from assurai_datasets.release.licenses import license_url
from assurai_datasets.release.prove_rows import splits
from assurai_datasets.release.rai import rai_properties
from assurai_datasets.schema.release import Release, ReleaseFile, Split
from assurai_datasets.schema.vocabulary import MODALITIES
from assurai_datasets.taxonomy import load_taxonomy

CROISSANT = "croissant.json"
PARQUET = "application/x-parquet"
CITATION = (
    "@article{assurai2025, title={AssurAI: Experience with Constructing Korean Socio-cultural Datasets to Discover "
    "Potential Risks of Generative AI}, author={Lim, Chae-Gyun and Han, Seung-Ho and Byun, EunYoung and Han, Jeongyun "
    "and Cho, Soohyun and others}, journal={arXiv preprint arXiv:2511.20686}, year={2025}}"
)
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TYPES = {"string": "sc:Text", "int64": "sc:Integer", "float64": "sc:Float", "bool": "sc:Boolean"}
REFERENCES = {"risk_factor": "risk_factors/name", "prompt_type": "prompt_types/name", "modality": "modalities/name"}
"""Columns that always have a value of a vocabulary. One that may be null is not here: a join would drop its row."""
OBJECTS = {name: f"sc:{name}Object" for name in MEDIA_TYPES}
ROWS = {
    "index": "One instance of any modality, without media.",
    "annotations": "One label that one annotator gave to an instance or to one of its responses.",
    "reviews": "One step of the expert review, linked to the one before by its digest.",
    "taxonomy": "One risk factor.",
}
MEANINGS = {
    "id": "Id of the instance.",
    "risk_factor": "Name of the risk factor.",
    "risk_factor_id": "Number of the risk factor in the paper, from 1.",
    "category": "Category of the risk factor.",
    "prompt_type": "Name of the prompt type.",
    "prompt": "What the model is asked.",
    "turns": "The dialogue of a Multi-Session instance.",
    "choices": "The options of a Multiple-Choice instance.",
    "safe_choices": "Positions of the safe options, from 0.",
    "responses": "Responses that were collected from models, with mean human safety scores.",
    "safety_score": "Mean safety score of the annotators: 1 is risk, 5 is safe.",
    "n_annotations": "Number of annotators who judged the instance or one of its responses.",
    "agreement": "Mean agreement of pairs of judgements, from 0 to 1.",
    "digest": "SHA-256 of the row as canonical JSON, without nulls and media.",
    "media": "Path, digest, licence and source of the input medium.",
    "annotator": "Pseudonym of the annotator.",
    "reviewer_id": "Pseudonym of the reviewer.",
    "stage": "How the instance came about: one of stages/name.",
    "modality": "What the instance is about: text, image, video or audio.",
}


def make_croissant(manifest: Release, facts: Facts) -> str:
    """Return the text of `croissant.json`.

    Args:
        manifest: The manifest; its `files` include the data files.
        facts: What the data say.
    """
    content = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": manifest.name,
        "description": _description(manifest, facts),
        "version": manifest.version,
        **({"datePublished": manifest.date} if manifest.date else {}),
        "license": [license_url(name) for name in manifest.licenses],
        "inLanguage": list(manifest.languages),
        "keywords": ["safety", "red teaming", "evaluation", "generative AI", "Korean", f"canary {manifest.canary}"],
        "citeAs": CITATION,
        "isLiveDataset": False,
        "prov:wasDerivedFrom": [_source(source) for source in manifest.sources],
        **{f"rai:{name}": value for name, value in rai_properties(manifest, facts).items()},
        "distribution": [*_file_objects(manifest), *_file_sets(manifest)],
        "recordSet": [*_enumerations(facts), *_record_sets(manifest, facts)],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _description(manifest: Release, facts: Facts) -> str:
    modalities = ", ".join(name for name, n in facts.counts.modality.items() if n)
    return (
        f"{facts.counts.total:,} instances that test whether generative models answer safely, in {modalities}. "
        "Content warning: they touch on violence, hate, sexual matters, self-harm and other harms."
    )


def _source(source: Any) -> dict[str, Any]:
    return {"@type": "prov:Entity", "name": source.name, "description": f"Delivery, digest sha256:{source.digest}"}


def _file_objects(manifest: Release) -> Iterator[dict[str, Any]]:
    files = {file.path: file for file in manifest.files}
    for _, split in splits(manifest):
        for path in split.files:
            yield _file_object(files[path])


def _file_object(file: ReleaseFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": PARQUET,
        "sha256": file.sha256,
    }


def _file_sets(manifest: Release) -> Iterator[dict[str, Any]]:
    """Yield a set of files for each config that has several."""
    for name, split in splits(manifest):
        if len(split.files) > 1:
            yield {
                "@type": "cr:FileSet",
                "@id": f"{name}-files",
                "name": f"{name}-files",
                "encodingFormat": PARQUET,
                "includes": list(split.files),
            }


def _enumerations(facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield the vocabularies that columns take their values from."""
    taxonomy = load_taxonomy()
    factors = [{"name": f.name, "number": f.number, "category": f.category} for f in taxonomy.risk_factors]
    types = [{"name": p.name, "code": p.code} for p in taxonomy.prompt_types]
    yield _enumeration("risk_factors", "The paper's risk factors.", factors)
    yield _enumeration("prompt_types", "The paper's prompt types.", types)
    yield _enumeration("modalities", "Modalities.", [{"name": name} for name in MODALITIES])
    yield _enumeration("stages", "How an instance came about.", [{"name": n} for n in ("seed", "crowd", "automated")])


def _enumeration(name: str, description: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    types = {str: "sc:Text", int: "sc:Integer"}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "dataType": "sc:Enumeration",
        "key": {"@id": f"{name}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{field}", "name": field, "dataType": types[type(value)]}
            for field, value in rows[0].items()
        ],
        "data": [{f"{name}/{field}": value for field, value in row.items()} for row in rows],
    }


def _record_sets(manifest: Release, facts: Facts) -> Iterator[dict[str, Any]]:
    for name, split in splits(manifest):
        row = ROWS.get(name, f"One {name} instance.")
        yield {
            "@type": "cr:RecordSet",
            "@id": name,
            "name": name,
            "description": f"{row} {split.rows:,} rows, digest sha256:{split.digest}",
            **_key(name),
            "field": list(_fields(name, split, facts.features[name])),
        }


def _key(config: str) -> dict[str, Any]:
    keys = {"annotations": None, "reviews": None, "taxonomy": "number"}
    column = keys.get(config, "id")
    return {"key": {"@id": f"{config}/{column}"}} if column else {}


def _fields(config: str, split: Split, features: Features) -> Iterator[dict[str, Any]]:
    kind = "fileObject" if len(split.files) == 1 else "fileSet"
    origin = {kind: {"@id": split.files[0] if len(split.files) == 1 else f"{config}-files"}}
    for name, feature in features.items():
        yield _field(f"{config}/{name}", name, feature, {**origin, "extract": {"column": name}})


def _field(path: str, name: str, feature: Feature, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of a column: of one value, a medium, a struct, or a list of one of these."""
    head: dict[str, Any] = {"@type": "cr:Field", "@id": path, "name": name}
    if name in MEANINGS:
        head["description"] = MEANINGS[name]
    inner, repeated = _element(feature)
    if repeated:
        head["repeated"] = True
    if isinstance(inner, Mapping) and "_type" not in inner:
        return {**head, "subField": list(_sub_fields(path, inner, source, ""))}
    kind = inner["_type"] if isinstance(inner, Mapping) else ""
    if kind in OBJECTS:
        return {**head, "dataType": OBJECTS[kind], "source": {**source, "transform": {"jsonPath": "bytes"}}}
    column = {**head, "dataType": TYPES[inner["dtype"]], "source": dict(source)}  # type: ignore[call-overload]
    return {**column, "references": {"field": {"@id": REFERENCES[name]}}} if name in REFERENCES else column


def _element(feature: Feature) -> tuple[Feature, bool]:
    if isinstance(feature, list):
        return feature[0], True
    if feature.get("_type") == "Sequence":
        return feature["feature"], True
    return feature, False


def _sub_fields(path: str, struct: Features, source: Mapping[str, Any], within: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of a struct, those of structs inside it with joined names."""
    for name, feature in struct.items():
        inner = f"{within}.{name}".lstrip(".")
        if isinstance(feature, Mapping) and "_type" not in feature:
            yield from _sub_fields(path, feature, source, inner)
        else:
            step = {**source, "transform": {"jsonPath": inner}}
            yield _field(f"{path}/{inner}", inner, feature, step)
