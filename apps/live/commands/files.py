"""What is in the notebook's folder, for those who mention a file."""

from apps.kernels.workspace_files import list_files
from apps.live.commands.frames import Client, Frame, Result, text_of


def files(client: Client, frame: Frame) -> Result:
    listing = list_files(**client.place, path=text_of(frame, "path", default=""))
    shown = [{"name": each.name, "kind": each.kind, "size_bytes": each.size} for each in listing.entries]
    return {"files": shown, "is_complete": listing.is_complete}
