"""Reading rows of tables."""

from assurai_datasets.formats.tables.cells import CellKind, nest_columns, parse_cell
from assurai_datasets.formats.tables.read import TABLE_SUFFIXES, read_rows
from assurai_datasets.formats.tables.rows import Row, TableFault, TableLimits

__all__ = ["TABLE_SUFFIXES", "CellKind", "Row", "TableFault", "TableLimits", "nest_columns", "parse_cell", "read_rows"]
