from typing import Any, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.images import told_size
from apps.assistant.tools.results import text_result
from apps.assistant.tools.validation import object_schema
from apps.kernels.workspace_files import Entry, list_files

MAX_SHOWN = 300


class ListFiles(Tool):
    """Lists the files and folders in the notebook's folder, which is the working folder of the code in cells: read and
    write files there by the paths that you see here. It is the only place with files that you and the code can reach.
    """

    name: ClassVar = "list_files"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {},
        {
            "path": {
                "type": "string",
                "description": "A folder in it, such as data. Left out: the folder itself.",
            }
        },
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        path = input.get("path", "")
        listing = list_files(actor=context.actor, notebook_id=context.notebook_id, path=path)
        if not listing.entries:
            return text_result("The folder is empty.")
        lines = [_line(entry) for entry in listing.entries[:MAX_SHOWN]]
        if len(listing.entries) > MAX_SHOWN or not listing.is_complete:
            lines.append("… and more")
        return text_result(as_data("\n".join(lines), "names of files"))


def _line(entry: Entry) -> str:
    name = " ".join(entry.name.split())
    match entry.kind:
        case "folder":
            return f"{name}/"
        case "file":
            return f"{name}, {told_size(entry.size)}, {entry.modified_at:%Y-%m-%d %H:%M}"
        case kind:
            return f"{name} ({kind}: cannot be read)"
