"""The tabs: real CodeMirror editors over the product's own client code, in a Node process (`tabs/main.ts`)."""

import json
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

Line = dict[str, Any]


class TabsStuck(Exception):
    """They ended, or said nothing for too long."""


class TabsProcess:
    """Made by `running_tabs`."""

    def __init__(self, node: "subprocess.Popen[str]", plan: Line) -> None:
        self._node = node
        self._lines: queue.Queue[Line | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._tell(plan)

    def lines_until(self, type: str, *, within_s: float) -> Iterator[Line]:
        """What they say, up to the first line of the type."""
        deadline = time.monotonic() + within_s
        line: Line | None = None
        while True:
            last = line
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TabsStuck(f"no {type!r} within {within_s:g} s, but {last}") from None
            if line is None:
                raise TabsStuck(f"the tabs ended with {self._node.wait()} before {type!r}")
            yield line
            if line["type"] == type:
                return

    def settle(self, *, within_s: float) -> Line:
        """Ask for quiescence; the report of what all tabs have then."""
        self._tell({"type": "settle"})
        *_, report = self.lines_until("report", within_s=within_s)
        return report

    def _tell(self, line: Line) -> None:
        assert self._node.stdin
        self._node.stdin.write(json.dumps(line) + "\n")
        self._node.stdin.flush()

    def _read(self) -> None:
        assert self._node.stdout
        try:
            for text in self._node.stdout:
                self._lines.put(json.loads(text))
        finally:
            self._lines.put(None)


@contextmanager
def running_tabs(plan: Line) -> Iterator[TabsProcess]:
    """The tabs at work on the plan (see `Plan` in tabs/main.ts)."""
    with tempfile.TemporaryDirectory(prefix="tandem-tabs-") as folder:
        bundle = Path(folder) / "tabs.cjs"
        _bundle(bundle)
        command = ["node", "--enable-source-maps", str(bundle)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
            try:
                yield TabsProcess(node, plan)
            finally:
                node.kill()


def _bundle(bundle: Path) -> None:
    source = Path(__file__).with_name("tabs") / "main.ts"
    options = ["--bundle", "--platform=node", "--format=cjs", "--sourcemap=inline", "--log-level=warning"]
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run([str(esbuild), str(source), f"--outfile={bundle}", *options], cwd=ROOT, check=True)
