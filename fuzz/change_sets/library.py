"""The library that the browsers use, to be asked what comes of a case."""

import json
import subprocess
from pathlib import Path
from typing import Any, Self

from fuzz.change_sets.cases import Case

Outcome = dict[str, Any] | None
"""What comes of a case, by the names in library.mjs; None if it is refused."""


class Library:
    """@codemirror/state, in a Node process of its own."""

    def __enter__(self) -> Self:
        command = ["node", str(Path(__file__).with_suffix(".mjs"))]
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_: object) -> None:
        self._node.communicate()

    def ask(self, cases: list[Case]) -> None:
        """Let it work on the cases; what comes of them is to be fetched by `outcomes` before it is asked again."""
        assert self._node.stdin
        self._node.stdin.write(json.dumps(cases).encode() + b"\n")
        self._node.stdin.flush()

    def outcomes(self) -> list[Outcome]:
        assert self._node.stdout
        outcomes: list[Outcome] = json.loads(self._node.stdout.readline())
        return outcomes
