"""The licences of a release's content, as a text beside it."""

from collections.abc import Iterable
from types import MappingProxyType

URLS = MappingProxyType(
    {
        "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
        "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/legalcode",
        "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/legalcode",
        "cc-by-nc-sa-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode",
        "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/legalcode",
        "cc0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
        "mit": "https://spdx.org/licenses/MIT.html",
    }
)
_HEAD = """The content of this dataset is licensed as follows.
The column `license` of each instance says which licence holds for it.

"""


def license_text(licenses: Iterable[str]) -> str:
    """Return the text of `LICENSE`: each licence with the address of its legal text, where we know it."""
    return _HEAD + "".join(
        f"- {' '.join(name.split())}: {URLS.get(name.lower(), 'see the source of the instance')}\n" for name in licenses
    )


def license_url(name: str) -> str:
    """Return the address of the legal text of a licence, or its name where we do not know one."""
    return URLS.get(name.lower(), name)


def hub_license(licenses: Iterable[str]) -> dict[str, object]:
    """Return the fields of a card's header that say the licence: the Hub's identifiers, or `other` with a link."""
    names = [name.lower() for name in licenses]
    if names and all(name in URLS for name in names):
        return {"license": names[0] if len(names) == 1 else names}
    return {"license": "other", "license_name": "see-license-file", "license_link": "LICENSE"}
