import os
import shutil
import stat
from uuid import UUID

from apps.accounts.access import require_role
from apps.accounts.actors import Actor
from apps.accounts.models import Role
from apps.base.errors import Invalid
from apps.data.changed import tell_change
from apps.data.troubles import told_to_people
from apps.kernels.workspace_files import opened_folder, place_of, shown_name


def delete_file(*, actor: Actor, notebook_id: UUID, path: str) -> None:
    """A file, a link (not what it leads to), or a folder with all that is in it. Editors. It cannot be undone."""
    require_role(actor, notebook_id, Role.EDITOR)
    folders, name = place_of(path)
    with opened_folder(notebook_id, folders) as folder, told_to_people(shown_name(name)):
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            _remove_folder(name, folder)
        else:
            os.unlink(name, dir_fd=folder)
    tell_change(actor, "delete_file", notebook_id, path=path)


def _remove_folder(name: str, folder: int) -> None:
    """By descriptors, so that a folder which becomes a link meanwhile leads nowhere."""
    try:
        shutil.rmtree(name, dir_fd=folder)
    except RecursionError:
        raise Invalid(
            "The folder is nested too deeply to be deleted here. Delete it with code in a cell."
        ) from None
