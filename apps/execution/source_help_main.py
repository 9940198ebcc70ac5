"""A program that completes and explains Python by its text alone, with jedi. source_help.py starts it and speaks to it.

Run by path, isolated, with nothing of the server's environment; it imports nothing of the server. One JSON object a
line each way: {number, request: complete or inspect, source, line, column} (lines from 1, columns in characters),
answered by {number, matches: [text]} or {number, text}.

It knows the packages of its Python. The text of a notebook is not run, and must not make it read other files: jedi
would follow changes of `sys.path` in the text and list the folders that a string names. What it has read it keeps in
memory alone: a file of its cache that was being written when a process was killed breaks it for ever.
"""

import json
import resource
import signal
import sys
from typing import Any

import jedi
import jedi.api.completion
import jedi.inference.sys_path
import parso.cache

# A text that jedi cannot finish with ends the program; whoever needs it next starts another.
MAX_SECONDS = 20
MAX_BYTES = 2 * 1024**3
MAX_MATCHES = 300
NOWHERE = "/nonexistent"
MAX_TEXT_CHARS = 20_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))
    _read_nothing_else()
    paths = [path for path in sys.path if path]
    project = jedi.Project(NOWHERE, sys_path=paths, smart_sys_path=False, load_unsafe_extensions=False)
    for line in sys.stdin:
        signal.alarm(MAX_SECONDS)
        question = json.loads(line)
        answer = {"number": question["number"], **_answer(question, project)}
        signal.alarm(0)
        print(json.dumps(answer), flush=True)  # noqa: T201


def _read_nothing_else() -> None:
    parso.cache._load_from_file_system = lambda *args, **options: None
    parso.cache._save_to_file_system = lambda *args, **options: None
    jedi.settings.auto_import_modules = []
    jedi.inference.sys_path.check_sys_path_modifications = lambda module_context: []
    jedi.api.completion.complete_file_name = lambda *args, **options: []


def _answer(question: dict[str, Any], project: Any) -> dict[str, Any]:
    script = jedi.Script(question["source"], project=project, environment=jedi.InterpreterEnvironment())
    place = question["line"], question["column"]
    try:
        if question["request"] == "complete":
            return {"matches": [match.name for match in script.complete(*place)[:MAX_MATCHES]]}
        return {"text": _explanation(script, question["source"], place)[:MAX_TEXT_CHARS]}
    except Exception as error:  # jedi fails in many ways on text that is being typed
        print(repr(error), file=sys.stderr)  # noqa: T201
        return {"matches": [], "text": ""}


def _explanation(script: Any, source: str, place: tuple[int, int]) -> str:
    """Of the name at the place or, between the brackets of a call, of what is called."""
    line, column = place
    before = source.split("\n")[line - 1][:column][-1:]
    # Of a bracket, jedi's help is a chapter of Python's manual.
    found = (script.help(*place) if before.isalnum() or before == "_" else None) or script.get_signatures(
        *place
    )
    return found[0].docstring() if found else ""


if __name__ == "__main__":
    main()
