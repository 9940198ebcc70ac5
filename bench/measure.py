"""What is measured of one cell, and how samples become a line of the table."""

import statistics
import time


class CellTimes:
    """Times in milliseconds from the request; texts as they arrived, with the wall clock of their arrival."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.first_output_ms: float | None = None
        self.finished_ms = 0.0
        self.texts: list[tuple[float, str]] = []

    def output(self, text: str) -> None:
        if self.first_output_ms is None:
            self.first_output_ms = self._elapsed_ms()
        self.texts.append((time.time(), text))

    def finished(self) -> None:
        self.finished_ms = self._elapsed_ms()

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.texts)

    def line_latencies_ms(self) -> list[float]:
        """For cells that print the wall clock on each line: how long each whole line took to get here."""
        latencies: list[float] = []
        partial = ""
        for arrived_at, text in self.texts:
            *lines, partial = (partial + text).split("\n")
            latencies += [(arrived_at - float(line)) * 1000 for line in lines]
        return latencies

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._began) * 1000


def shown(samples: list[float]) -> str:
    """`median (95th percentile)`."""
    if len(samples) == 1:
        return f"{samples[0]:,.2f}"
    return f"{statistics.median(samples):,.2f} ({statistics.quantiles(samples, n=20)[-1]:,.2f})"


def print_table(title: str, columns: list[str], rows: list[tuple[str, list[str]]]) -> None:
    print(f"\n### {title}\n\n| median (p95) | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
    for name, values in rows:
        print(f"| {name} | {' | '.join(values)} |", flush=True)
