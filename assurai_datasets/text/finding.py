"""What the text checks return: kinds, findings, and the words that explain them."""

from types import MappingProxyType
from typing import Literal, NamedTuple

TextKind = Literal[
    "not-nfc",
    "control",
    "invisible",
    "bidirectional",
    "replacement",
    "mojibake",
    "jamo",
    "whitespace",
    "length",
    "language",
]
PersonalDataKind = Literal[
    "resident-number",
    "foreigner-number",
    "driving-licence",
    "passport",
    "phone",
    "card",
    "bank-account",
    "business-number",
    "email",
    "url-token",
    "ip-address",
    "address",
]
Confidence = Literal["high", "medium", "low"]

HINTS = MappingProxyType(
    {
        "not-nfc": "save the text in NFC, or build with --normalize",
        "control": "delete the characters; they show nothing and break readers",
        "invisible": "delete the characters; a reader cannot see them but a model reads them",
        "bidirectional": "delete the characters; they can show a text in another order than it is stored",
        "replacement": "take the text again from its source: what stood here was lost in a conversion",
        "mojibake": "take the text again from its source and read it in its own encoding",
        "jamo": "look for a typing slip; write whole syllables",
        "whitespace": "use plain spaces and no white space at the ends of lines, or build with --normalize",
        "length": "look whether the text is cut off, empty of content, or several texts in one",
        "language": "give the instance its own language, or translate it",
        "near-duplicate": "keep one of them, or make them differ in more than spacing and particles",
        "duplicate": "keep one of them",
        "personal-data": "put an invented value there, named under allow_personal_data in delivery.yaml, or drop it",
    }
)
"""What to do about each kind of finding, in one sentence."""


class TextFinding(NamedTuple):
    """One kind of fault in the characters of a text.

    `start` and `end` bound the first occurrence, in characters (code points) of the text, or of the composed text (NFC)
    for stray jamo; `occurrences` says how often it is there. `excerpt` names code points or shows a few letters with
    every digit masked, so that it can be printed; `what` is the message for a person.
    """

    kind: TextKind
    start: int
    end: int
    occurrences: int
    excerpt: str
    what: str


class PersonalDataFinding(NamedTuple):
    """Personal data in a text: where and how sure, never the value itself.

    `start` and `end` are offsets in characters of the composed text (NFC). `masked` has the length and the separators
    of the value, with an asterisk for every letter and digit.
    """

    kind: PersonalDataKind
    start: int
    end: int
    masked: str
    confidence: Confidence
