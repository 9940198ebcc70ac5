"""What the tools have in common that change the document."""

from abc import abstractmethod
from typing import Any, ClassVar

from apps.assistant.changes import Change, apply_change, shown_change
from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.cell_ids import short_id
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.results import text_result
from apps.dataflow.names import names_of

VERSION = {
    "type": "integer",
    "description": "The version of the cell that you read: the number behind v in get_notebook_state, or that of "
    "read_cell or of your last edit. If somebody has edited the cell since, nothing is changed.",
}
SOURCE = {"type": "string", "description": "The whole text of the cell, without any marks around it."}
KIND = {
    "type": "string",
    "enum": ["python", "sql", "sheet", "javascript", "markdown"],
    "description": "python: code that can be run; sql: statements of DuckDB over dataframes and files; "
    "sheet: data that people fill in, as CSV whose first line has types (item:text,price:number,sold:date,ok:boolean); "
    "javascript: code that draws in the page; markdown: text with headings, lists, formulas.",
}


class EditTool(Tool):
    """It says what it is to change (`change`); here that is done, or shown."""

    effect: ClassVar = Effect.EDITS

    @abstractmethod
    def change(self, context: ToolContext, input: dict[str, Any]) -> Change:
        """Reads only. DomainError if the change cannot be meant."""

    @abstractmethod
    def told(self, done: dict[str, Any], input: dict[str, Any]) -> str:
        """What was done, for the model; `done` is that of apply_change."""

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        done = apply_change(context.actor, context.notebook_id, self.change(context, input))
        return text_result(self.told(done, input), change=done)

    def preview(self, context: ToolContext, input: dict[str, Any]) -> dict[str, Any]:
        return shown_change(context.actor, context.notebook_id, self.change(context, input))


def edited_text(done: dict[str, Any], source: str | None = None) -> str:
    """That a text was edited, and whether the new one can be read at all."""
    cell, version = short_id(done["cell_id"]), done["version"]
    if version == done["from_version"]:
        return f"Cell {cell} has this text already: nothing was changed, it is at version {version}."
    told = f"Cell {cell} is at version {version} now. It was not run."
    return told + (problems_of(source) if source is not None else "")


def problems_of(source: str) -> str:
    """A sentence for each thing that is wrong with Python code, as far as reading tells."""
    names = names_of(source)
    problems = [f"The code cannot be read: {names.error}."] if names.error else list(names.warnings)
    return "".join(f" {beginning(each, 300)}" for each in problems)
