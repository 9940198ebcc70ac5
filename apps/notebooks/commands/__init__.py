"""What people, programs and the assistant do to a document: one file, one function, one transaction each.

Every command checks the actor's role, locks the notebook, changes rows, appends events and writes an audit row; what
a person alone sees (mark_opened) changes no document, and does not.
A command that changes nothing moves no version and emits no event.
"""

from apps.notebooks.commands.clear_outputs import clear_outputs
from apps.notebooks.commands.configure_cell import configure_cell
from apps.notebooks.commands.configure_notebook import configure_notebook
from apps.notebooks.commands.create_cell import create_cell
from apps.notebooks.commands.create_checkpoint import create_checkpoint
from apps.notebooks.commands.create_notebook import create_notebook
from apps.notebooks.commands.create_tour import create_tour
from apps.notebooks.commands.delete_cell import delete_cell
from apps.notebooks.commands.delete_notebook import delete_notebook
from apps.notebooks.commands.duplicate_notebook import duplicate_notebook
from apps.notebooks.commands.edit_cell import edit_cell
from apps.notebooks.commands.import_notebook import import_notebook
from apps.notebooks.commands.mark_opened import mark_opened
from apps.notebooks.commands.members import remove_member, set_member
from apps.notebooks.commands.merge_cells import merge_cells
from apps.notebooks.commands.move_cell import move_cell
from apps.notebooks.commands.push_cells import Push, push_cells
from apps.notebooks.commands.rename_notebook import rename_notebook
from apps.notebooks.commands.restore_cell import restore_cell
from apps.notebooks.commands.restore_checkpoint import restore_checkpoint
from apps.notebooks.commands.restore_notebook import restore_notebook
from apps.notebooks.commands.restore_version import restore_version
from apps.notebooks.commands.split_cell import split_cell
from apps.notebooks.commands.tag_notebook import tag_notebook
from apps.notebooks.commands.undo_edits import undo_edits

__all__ = [
    "Push",
    "clear_outputs",
    "configure_cell",
    "configure_notebook",
    "create_cell",
    "create_checkpoint",
    "create_notebook",
    "create_tour",
    "delete_cell",
    "delete_notebook",
    "duplicate_notebook",
    "edit_cell",
    "import_notebook",
    "mark_opened",
    "merge_cells",
    "move_cell",
    "push_cells",
    "remove_member",
    "rename_notebook",
    "restore_cell",
    "restore_checkpoint",
    "restore_notebook",
    "restore_version",
    "set_member",
    "split_cell",
    "tag_notebook",
    "undo_edits",
]
