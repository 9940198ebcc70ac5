import os
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.data.changed import tell_change
from apps.data.names import new_place
from apps.data.troubles import told_to_people
from apps.kernels.workspace_files import Entry, entry_of, opened_folder


def make_folder(*, actor: Actor, notebook_id: UUID, path: str) -> Entry:
    """Editors. Conflict if there is something of that name."""
    require_role(actor, notebook_id, Role.EDITOR)
    folders, name = new_place(path)
    with opened_folder(notebook_id, folders) as folder, told_to_people(name):
        os.mkdir(name, 0o755, dir_fd=folder)
        made = entry_of(name, os.lstat(name, dir_fd=folder))
    tell_change(actor, "make_folder", notebook_id, path=path)
    return made
