"""The exceptions of this package: every one derives from `AssuraiError`."""


class AssuraiError(Exception):
    """Base of every exception this package raises on purpose."""


class UsageError(AssuraiError, ValueError):
    """A wrong call: the message says what was given, what is allowed and what to do."""


class UnknownNameError(UsageError, LookupError):
    """A name that is not in a vocabulary; the message lists the nearest ones."""


class DataError(AssuraiError):
    """Data or a release that fails its checks."""


class PathEscapesError(DataError):
    """A file name that could lead out of the folder it belongs to; the message says why.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, message: str, hint: str = "name a file inside the delivery") -> None:
        super().__init__(message)
        self.hint = hint


class LimitError(AssuraiError):
    """Input that needs more time, memory or space than it was allowed."""


class MissingExtraError(AssuraiError, ImportError):
    """A feature whose optional dependency is not installed."""
