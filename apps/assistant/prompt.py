"""A person's message, with what they mention and attach, as blocks of the Messages API."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.assistant.redaction import redacted_text
from apps.assistant.tools.data_marks import as_data
from apps.base.errors import Invalid, TooLarge
from apps.base.ids import parse_id
from apps.base.text import check_storable
from apps.notebooks.models import Cell

Json = dict[str, Any]

MAX_MESSAGE_CHARS = 100_000
MAX_MENTIONS = 50
MAX_ATTACHMENTS = 10
MAX_NAME_CHARS = 200
# The API takes no larger image, and a socket no larger message than three of them.
MAX_IMAGE_BYTES = 5 * 2**20
MAX_FILE_BYTES = 10 * 2**20
MAX_MENTIONED_CHARS = 1_000
IMAGE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp")


@dataclass(frozen=True)
class Attachment:
    """An image for the model, or a file for the workspace."""

    kind: str
    name: str
    media_type: str
    content: bytes

    def as_json(self) -> Json:
        return {
            "kind": self.kind,
            "name": self.name,
            "media_type": self.media_type,
            "size_bytes": len(self.content),
        }


def checked_message(message: str, attachments: Sequence[Attachment]) -> str:
    if not message.strip() and not attachments:
        raise Invalid("Write a message.", field="message")
    if len(message) > MAX_MESSAGE_CHARS:
        raise TooLarge(f"A message has at most {MAX_MESSAGE_CHARS:,} characters. Attach a file instead.")
    check_storable(message, field="message")
    return redacted_text(message)


def checked_mentions(mentions: object) -> list[Json]:
    if not isinstance(mentions, list) or len(mentions) > MAX_MENTIONS:
        raise Invalid(f"mentions must be an array of at most {MAX_MENTIONS}.", field="mentions")
    return [_mention(each) for each in mentions]


def checked_attachments(attachments: object) -> list[Attachment]:
    if not isinstance(attachments, list) or len(attachments) > MAX_ATTACHMENTS:
        raise Invalid(f"attachments must be an array of at most {MAX_ATTACHMENTS}.", field="attachments")
    return [_attachment(each) for each in attachments]


def prompt_blocks(
    notebook_id: UUID, message: str, mentions: Sequence[Json], attachments: Sequence[Attachment]
) -> list[Json]:
    """Images first, then the words."""
    blocks = [_image(each) for each in attachments if each.kind == "image"]
    files = [each.name for each in attachments if each.kind == "file"]
    lines = [message.strip()] if message.strip() else []
    lines += [f"The person attached the file {name!r}; it is in the notebook's workspace." for name in files]
    lines += [_told(notebook_id, each) for each in mentions]
    return [*blocks, {"type": "text", "text": "\n\n".join(lines) or "See the image."}]


def _mention(mention: object) -> Json:
    match mention:
        case {"kind": "cell", "cell_id": cell_id}:
            return {"kind": "cell", "cell_id": str(parse_id(cell_id, "cell_id"))}
        case {"kind": "variable", "name": str(name)}:
            return {"kind": "variable", "name": _short(name)}
        case {"kind": "file", "path": str(path)}:
            return {"kind": "file", "path": _short(path)}
    raise Invalid("A mention is {kind: cell, cell_id}, {kind: variable, name} or {kind: file, path}.")


def _told(notebook_id: UUID, mention: Json) -> str:
    if mention["kind"] == "variable":
        return f"The person means the variable {mention['name']!r}."
    if mention["kind"] == "file":
        return f"The person means the file {mention['path']!r} of the workspace."
    cell = Cell.objects.filter(id=mention["cell_id"], notebook_id=notebook_id, deleted_at=None).first()
    if cell is None:
        return f"The person means the cell {mention['cell_id']}, which was deleted."
    source = redacted_text(cell.source[:MAX_MENTIONED_CHARS])
    return f"The person means the cell {cell.id}, {cell.kind}, version {cell.version}:\n{as_data(source, 'cell')}"


def _attachment(attachment: object) -> Attachment:
    match attachment:
        case {"kind": "image", "media_type": str(media_type), "data": str(data)}:
            if media_type not in IMAGE_TYPES:
                raise Invalid(f"An image must be one of {', '.join(IMAGE_TYPES)}.", field="attachments")
            content = _decoded(data, MAX_IMAGE_BYTES)
            return Attachment("image", "image", media_type, content)
        case {"kind": "file", "name": str(name), "data": str(data)}:
            return Attachment("file", _file_name(name), "", _decoded(data, MAX_FILE_BYTES))
    raise Invalid("An attachment is {kind: image, media_type, data} or {kind: file, name, data}.")


def _decoded(data: str, limit: int) -> bytes:
    if len(data) > limit * 4 // 3 + 4:
        raise TooLarge(f"An attachment of this kind has at most {limit // 2**20} MiB.")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("The data of an attachment must be base64.", field="attachments") from None


def _file_name(name: str) -> str:
    """A name alone: files of a message go nowhere but into the workspace itself."""
    short = _short(name)
    if short in (".", "..") or "/" in short or "\\" in short or short.startswith("."):
        raise Invalid("The name of a file must have no slashes, and begin with no dot.", field="attachments")
    return short


def _image(attachment: Attachment) -> Json:
    data = base64.b64encode(attachment.content).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": attachment.media_type, "data": data}}


def _short(text: str) -> str:
    check_storable(text)
    if not text or len(text) > MAX_NAME_CHARS:
        raise Invalid(f"A name has 1 to {MAX_NAME_CHARS} characters.")
    return text
