"""What can be wrong with text: odd characters, language, duplicates, personal data. Pure functions."""

from assurai_datasets.text.characters import check_text
from assurai_datasets.text.duplicates import Member, TextCluster, TextItem, find_duplicates, group_exact, group_near
from assurai_datasets.text.finding import HINTS, PersonalDataFinding, TextFinding
from assurai_datasets.text.normalization import Repair, fold_text, normalize_text
from assurai_datasets.text.personal_data import allow_list, find_personal_data
from assurai_datasets.text.sketches import sketch_texts

__all__ = [
    "HINTS",
    "Member",
    "PersonalDataFinding",
    "Repair",
    "TextCluster",
    "TextFinding",
    "TextItem",
    "allow_list",
    "check_text",
    "find_duplicates",
    "find_personal_data",
    "fold_text",
    "group_exact",
    "group_near",
    "normalize_text",
    "sketch_texts",
]
