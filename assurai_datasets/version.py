"""The version of the package; the version of the data is another thing."""

__version__ = "0.1.0"
