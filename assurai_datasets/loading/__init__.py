"""Loading releases: the bare name, filters pushed down to the files, media without torch, views.

Everything is loaded when it is first used: `import assurai_datasets` passes through here to prepare the bare name.
"""

from typing import TYPE_CHECKING

from assurai_datasets.doors import open_doors

if TYPE_CHECKING:
    from assurai_datasets.loading.address import ReleaseAddress, chosen_address, parse_address, record_address
    from assurai_datasets.loading.bare_name import hook, unhook
    from assurai_datasets.loading.decoding import Audio, DecodedAudio, EncodedVideo, Video
    from assurai_datasets.loading.display import show_rows
    from assurai_datasets.loading.filtering import filter_instances
    from assurai_datasets.loading.load_config import load
    from assurai_datasets.loading.messages import to_messages
    from assurai_datasets.loading.opened import OpenedRelease, open_release
    from assurai_datasets.loading.pairs import Pairs, benign_twins, derived_pairs

_HOMES = {
    "Audio": "decoding",
    "DecodedAudio": "decoding",
    "EncodedVideo": "decoding",
    "OpenedRelease": "opened",
    "Pairs": "pairs",
    "ReleaseAddress": "address",
    "Video": "decoding",
    "benign_twins": "pairs",
    "chosen_address": "address",
    "derived_pairs": "pairs",
    "filter_instances": "filtering",
    "hook": "bare_name",
    "load": "load_config",
    "open_release": "opened",
    "parse_address": "address",
    "record_address": "address",
    "show_rows": "display",
    "to_messages": "messages",
    "unhook": "bare_name",
}
__all__ = [
    "Audio",
    "DecodedAudio",
    "EncodedVideo",
    "OpenedRelease",
    "Pairs",
    "ReleaseAddress",
    "Video",
    "benign_twins",
    "chosen_address",
    "derived_pairs",
    "filter_instances",
    "hook",
    "load",
    "open_release",
    "parse_address",
    "record_address",
    "show_rows",
    "to_messages",
    "unhook",
]

__getattr__ = open_doors(__name__, _HOMES)
