"""Reading rows of tables."""

from assurai_datasets.formats.tables.read import TABLE_SUFFIXES, read_rows
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits

__all__ = ["TABLE_SUFFIXES", "Row", "TableFault", "TableLimits", "read_rows"]
