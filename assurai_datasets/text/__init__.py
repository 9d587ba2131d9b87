"""What can be wrong with text: odd characters, language, duplicates, personal data. Pure functions."""

from assurai_datasets.text.characters import check_text
from assurai_datasets.text.finding import HINTS, PersonalDataFinding, TextFinding
from assurai_datasets.text.normalization import Repair, fold_text, normalize_text
from assurai_datasets.text.personal_data import allow_list, find_personal_data

__all__ = [
    "HINTS",
    "PersonalDataFinding",
    "Repair",
    "TextFinding",
    "allow_list",
    "check_text",
    "find_personal_data",
    "fold_text",
    "normalize_text",
]
