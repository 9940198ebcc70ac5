"""Names that people and programs give to files. What code in cells calls its own is not looked at here."""

from apps.base.errors import Invalid
from apps.base.text import is_storable
from apps.kernels.workspace_files import ARRIVING, place_of

MAX_NAME_BYTES = 255  # Linux's


def new_place(path: str) -> tuple[list[str], str]:
    """The folders that lead to what is to be made, and its name, which a file may have."""
    folders, name = place_of(path)
    if not is_storable(name) or not name.isprintable():
        raise Invalid("The name has characters that nobody can see or type. Give it another.", field="path")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise Invalid(f"The name is too long: it may have {MAX_NAME_BYTES} bytes.", field="path")
    if name.startswith(ARRIVING):
        raise Invalid("Names that begin like this are kept for files that are arriving.", field="path")
    return folders, name
