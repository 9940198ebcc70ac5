"""Where IPython makes tables of what it displays. Imported by kernel_main.py alone."""

from typing import Any

from IPython.core.formatters import DisplayFormatter, MimeBundleFormatter
from kernel_tables import Tables

Json = dict[str, Any]


class TableFormatter(MimeBundleFormatter):
    """IPython's, which also makes tables. What a class says of itself comes first."""

    tables: Tables

    def __call__(self, obj: Any, include: Any = None, exclude: Any = None) -> tuple[Json, Json]:
        data, metadata = super().__call__(obj, include=include, exclude=exclude) or ({}, {})
        try:
            bundle = self.tables.bundle(obj) or {}
        except Exception:  # then it is shown as if there were no grid
            return data, metadata
        if hasattr(type(obj), "_repr_html_"):
            bundle.pop("text/html", None)
        return {**bundle, **data}, metadata


def show_tables(display_formatter: DisplayFormatter, tables: Tables) -> None:
    """From now on dataframes are displayed as tables."""
    formatter = TableFormatter(parent=display_formatter)
    formatter.tables = tables
    display_formatter.mimebundle_formatter = formatter
