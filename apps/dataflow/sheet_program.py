"""A sheet cell as the Python that the kernel runs for it. Pure.

The text goes there as it is, and is read there (kernels/kernel_sheet_text.py): so nobody waits for that while somebody
types, and what is wrong with it is an error of the cell when it runs.
"""

from apps.dataflow.sql_program import UNNAMED, is_result_name


def sheet_program(source: str, result_name: str) -> str:
    """It binds the name and shows nothing: people see the grid."""
    name = result_name if is_result_name(result_name) else UNNAMED
    return f'{name} = __import__("kernel_sheet").dataframe({source!r})'
