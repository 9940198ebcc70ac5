import os
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.data.changed import tell_change
from apps.data.names import new_place
from apps.data.renaming import rename_to_free_name
from apps.data.troubles import told_to_people
from apps.kernels.workspace_files import Entry, entry_of, opened_folder, place_of, shown_name


def move_file(*, actor: Actor, notebook_id: UUID, path: str, new_path: str) -> Entry:
    """Rename a file, a folder or a link, or move it into another folder. Editors. Nothing is ever replaced."""
    require_role(actor, notebook_id, Role.EDITOR)
    folders, name = place_of(path)
    new_folders, new_name = new_place(new_path)
    with (
        opened_folder(notebook_id, folders) as folder,
        opened_folder(notebook_id, new_folders) as new_folder,
    ):
        with told_to_people(shown_name(name)):
            status = os.lstat(name, dir_fd=folder)
        if (folders, name) != (new_folders, new_name):
            with told_to_people(new_name):
                rename_to_free_name(name, new_name, folder=folder, new_folder=new_folder)
            tell_change(actor, "move_file", notebook_id, path=path, new_path=new_path)
    return entry_of(new_name, status)
