"""What annotators read before they begin, made of the taxonomy: Markdown, HTML, and blocks for other forms."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from assurai_datasets.taxonomy import (
    Category,
    Example,
    PromptTypeGuideline,
    RiskFactorGuideline,
    load_guidelines,
    load_taxonomy,
)

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
BlockKind = Literal["title", "chapter", "page", "part", "text", "item"]
_HEADINGS = MappingProxyType({"title": 1, "chapter": 2, "page": 3, "part": 4})
_WORDS = MappingProxyType(
    {
        "ko": MappingProxyType(
            {
                "title": "주석 지침",
                "warning": "주의: 위험한 주제를 다루는 글, 이미지, 영상, 음성이 있습니다. 힘들면 언제든 멈추세요.",
                "source": "위험 요인 분류 {version} 판에서 만든 지침입니다.",
                "rules": "모든 사례에 적용되는 규칙",
                "scale": "안전성 점수",
                "category": "범주: {name}",
                "types": "프롬프트 유형",
                "belongs": "해당하는 것",
                "does_not_belong": "해당하지 않는 것",
                "instead": "{what}: {number}. {name}에 해당한다",
                "scenarios": "세부 상황",
                "variants": "변형",
                "examples": "예시",
                "scoring": "점수를 주는 법",
            }
        ),
        "en": MappingProxyType(
            {
                "title": "Guidelines for annotators",
                "warning": "Content warning: these texts, pictures, videos and sounds test risks and may be "
                "disturbing. Stop when you need to.",
                "source": "Made from version {version} of the taxonomy.",
                "rules": "Rules for every instance",
                "scale": "The safety score",
                "category": "Category: {name}",
                "types": "Prompt types",
                "belongs": "What belongs",
                "does_not_belong": "What does not belong",
                "instead": "{what}: that is {number}. {name}",
                "scenarios": "Finer cases",
                "variants": "Variants",
                "examples": "Examples",
                "scoring": "How to score",
            }
        ),
    }
)


class Block(NamedTuple):
    """One piece of the guidelines: a heading, a paragraph, or one item of a list."""

    kind: BlockKind
    text: str


def guideline_blocks(language: Language) -> tuple[Block, ...]:
    """Return the whole guidelines in one language; block i of each language says the same.

    A `page` heading begins what there is to say of one risk factor or prompt type.
    """
    taxonomy, words = load_taxonomy(), _WORDS[language]
    blocks = [
        Block("title", words["title"]),
        Block("text", words["warning"]),
        Block("text", words["source"].format(version=taxonomy.version)),
        *_general(language),
    ]
    for category in taxonomy.categories:
        blocks += _category(category, language)
    blocks.append(Block("chapter", words["types"]))
    for guideline in load_guidelines().prompt_types.values():
        blocks += _prompt_type_page(guideline, language)
    return tuple(blocks)


def content_warning(language: Language) -> str:
    """Return the sentence that stands before everything an annotator is shown."""
    return _WORDS[language]["warning"]


def guideline_markdown(language: Language) -> str:
    """Return the guidelines as Markdown."""
    parts = []
    for is_list, group in _runs(language):
        if is_list:
            parts.append("\n".join(f"- {block.text}" for block in group))
        else:
            parts += [f"{'#' * _HEADINGS[kind]} {text}" if kind in _HEADINGS else text for kind, text in group]
    return "\n\n".join(parts) + "\n"


def guideline_html(language: Language) -> str:
    """Return the guidelines as HTML without attributes, styles or scripts: what Label Studio shows as instructions."""
    parts = []
    for is_list, group in _runs(language):
        if is_list:
            parts.append("<ul>" + "".join(f"<li>{escape(block.text)}</li>" for block in group) + "</ul>")
        else:
            parts += [f"<{tag}>{escape(text)}</{tag}>" for tag, text in map(_tagged, group)]
    return "\n".join(parts)


def write_guidelines(folder: Path) -> tuple[Path, ...]:
    """Return the files written into a folder, which is made: `ko.md` and `en.md`.

    Raises:
        OSError: They cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{language}.md" for language in LANGUAGES)
    for path, language in zip(paths, LANGUAGES, strict=True):
        path.write_text(guideline_markdown(language), encoding="utf-8", newline="\n")
    return paths


def _runs(language: Language) -> Iterator[tuple[bool, Iterator[Block]]]:
    """Yield runs of blocks that are, or are not, items of one list."""
    yield from groupby(guideline_blocks(language), key=lambda block: block.kind == "item")


def _tagged(block: Block) -> tuple[str, str]:
    return f"h{_HEADINGS[block.kind]}" if block.kind in _HEADINGS else "p", block.text


def _in(language: Language, entry: Any, field: str) -> str:
    """Return a field of a taxonomy entry in a language."""
    return str(getattr(entry, f"{field}_ko" if language == "ko" else field))


def _general(language: Language) -> Iterator[Block]:
    guidelines, words = load_guidelines(), _WORDS[language]
    yield Block("chapter", words["rules"])
    yield from _items(_in(language, rule, "text") for rule in guidelines.rules)
    yield Block("chapter", words["scale"])
    for point in guidelines.scale:
        yield Block("item", f"{point.score} ({_in(language, point, 'name')}): {_in(language, point, 'meaning')}")


def _category(category: Category, language: Language) -> Iterator[Block]:
    yield Block("chapter", _WORDS[language]["category"].format(name=_in(language, category, "name")))
    yield Block("text", _in(language, category, "description"))
    for number in category.risk_factors:
        yield from _risk_factor_page(load_guidelines().risk_factors[number], language)


def _risk_factor_page(guideline: RiskFactorGuideline, language: Language) -> Iterator[Block]:
    factor, words = load_taxonomy().risk_factor(guideline.risk_factor), _WORDS[language]
    yield Block("page", f"{factor.number}. {_in(language, factor, 'name')}")
    yield Block("text", _in(language, factor, "definition"))
    yield Block("part", words["belongs"])
    yield Block("text", _in(language, guideline, "belongs"))
    yield Block("part", words["does_not_belong"])
    for boundary in guideline.does_not_belong:
        name = _in(language, load_taxonomy().risk_factor(boundary.instead), "name")
        what = _in(language, boundary, "what")
        yield Block("item", words["instead"].format(what=what, number=boundary.instead, name=name))
    if factor.sub_scenarios:
        yield Block("part", words["scenarios"])
        yield from _items(_in(language, scenario, "name") for scenario in factor.sub_scenarios)
    yield from _examples_and_scoring(guideline.examples, _in(language, guideline, "scoring"), language)


def _prompt_type_page(guideline: PromptTypeGuideline, language: Language) -> Iterator[Block]:
    prompt_type, words = load_taxonomy().prompt_type(guideline.prompt_type), _WORDS[language]
    yield Block("page", _in(language, prompt_type, "name"))
    yield Block("part", words["belongs"])
    yield Block("text", _in(language, guideline, "belongs"))
    if prompt_type.variants:
        yield Block("part", words["variants"])
        for variant in prompt_type.variants:
            yield Block("item", f"{_in(language, variant, 'name')}: {_in(language, variant, 'description')}")
    yield from _examples_and_scoring(guideline.examples, _in(language, guideline, "scoring"), language)


def _examples_and_scoring(examples: Iterable[Example], scoring: str, language: Language) -> Iterator[Block]:
    yield Block("part", _WORDS[language]["examples"])
    yield from _items(_in(language, example, "prompt") for example in examples)
    yield Block("part", _WORDS[language]["scoring"])
    yield Block("text", scoring)


def _items(texts: Iterable[str]) -> Iterator[Block]:
    for text in texts:
        yield Block("item", text)
