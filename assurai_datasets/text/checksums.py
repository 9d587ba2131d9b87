"""Check digits of the numbers that carry one. Numbers are given as strings of ASCII digits."""

import calendar

_RESIDENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CENTURY = {
    "9": 1800,
    "0": 1800,
    "1": 1900,
    "2": 1900,
    "5": 1900,
    "6": 1900,
    "3": 2000,
    "4": 2000,
    "7": 2000,
    "8": 2000,
}


def has_resident_checksum(digits: str) -> bool:
    """Return whether 13 digits end in the check digit of a resident or foreigner registration number.

    Foreigner numbers (seventh digit 5 to 8) add 2 to it. Numbers issued since October 2020 have no check digit: False
    lowers confidence and never clears a number.
    """
    total = sum(int(d) * weight for d, weight in zip(digits, _RESIDENT_WEIGHTS, strict=False))
    shift = 2 if digits[6] in "5678" else 0
    return ((11 - total % 11) % 10 + shift) % 10 == int(digits[12])


def has_birth_date(digits: str) -> bool:
    """Return whether a registration number begins with a date that exists in the century its seventh digit names."""
    year, month, day = _CENTURY[digits[6]] + int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


def has_business_checksum(digits: str) -> bool:
    """Return whether 10 digits end in the check digit of a Korean business registration number."""
    total = sum(int(d) * weight for d, weight in zip(digits, _BUSINESS_WEIGHTS, strict=False))
    return (10 - (total + int(digits[8]) * 5 // 10) % 10) % 10 == int(digits[9])


def has_luhn_checksum(digits: str) -> bool:
    """Return whether digits end in the check digit of ISO/IEC 7812 (payment cards)."""
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(doubled) + sum(int(d) for d in digits[-1::-2])) % 10 == 0
