"""A JavaScript cell as the Python that the kernel runs for it: so it is planned, run and kept track of like any other.
Pure.

The code itself runs in the page. What the kernel does is to hand it on with the values of the names that it reads: see
`kernels/kernel_javascript.py`.
"""

from collections.abc import Iterable


def javascript_program(source: str, reads: Iterable[str]) -> str:
    """`reads`: the names of the notebook whose values it gets."""
    return f'__import__("kernel_javascript").show_javascript(globals(), {source!r}, {sorted(reads)!r})'
