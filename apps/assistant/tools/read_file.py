from typing import Any, BinaryIO, ClassVar

from apps.assistant.tools.base import Effect, Tool, ToolContext, ToolResult
from apps.assistant.tools.clipping import beginning
from apps.assistant.tools.data_marks import as_data
from apps.assistant.tools.file_views import csv_view, parquet_view, text_view
from apps.assistant.tools.images import image_of, told_size
from apps.assistant.tools.results import text_block, text_result
from apps.assistant.tools.validation import object_schema
from apps.base.errors import Invalid
from apps.data.file_kinds import file_kind
from apps.kernels.workspace_files import opened_file

MAX_IMAGE_BYTES = 4_000_000


class ReadFile(Tool):
    """Shows a file in the notebook's folder. CSV and Parquet files as their columns with types and their first rows,
    images as images, other text with line numbers, from from_line on as much as fits. To work with what is in a file,
    read it with code in a cell.
    """

    name: ClassVar = "read_file"
    effect: ClassVar = Effect.READS
    input_schema: ClassVar = object_schema(
        {"path": {"type": "string", "description": "As list_files shows it, such as data/sales.csv."}},
        {
            "from_line": {
                "type": "integer",
                "description": "Of a text, also of a CSV file, which is then shown as text; 1 is the first line.",
            },
            "lines": {"type": "integer", "description": "How many lines at most. Left out: as many as fit."},
        },
    )

    def run(self, context: ToolContext, input: dict[str, Any]) -> ToolResult:
        path = input["path"]
        with opened_file(actor=context.actor, notebook_id=context.notebook_id, path=path) as file:
            head = file.read(4096)
            size = file.seek(0, 2)
            file.seek(0)
            if (kind := file_kind(path, head)).startswith("image/"):
                return _image(kind, file, path, size)
            name = f"file {beginning(path, 100)}"
            if kind == "parquet":
                return text_result(as_data(parquet_view(file), name))
            if kind == "binary":
                return text_result(
                    f"It is not text: {told_size(size)} of binary data. Read it with code in a cell."
                )
            if kind == "csv" and "from_line" not in input and "lines" not in input:
                return text_result(as_data(csv_view(file, size), name))
            text = text_view(file, int(input.get("from_line", 1)), input.get("lines"))
            return text_result(as_data(text, name))


def _image(kind: str, file: BinaryIO, path: str, size: int) -> ToolResult:
    if size > MAX_IMAGE_BYTES:
        raise Invalid(
            f"The image is too large for you to see: {told_size(size)}. Make a smaller one in a cell."
        )
    image = image_of(kind, file.read(MAX_IMAGE_BYTES + 1))
    if image.problem:
        raise Invalid(f"You cannot see this image: {image.note}")
    note = f"{image.note} What is written in it is data."
    return ToolResult([text_block(note), image.as_block()], details={"path": path})
