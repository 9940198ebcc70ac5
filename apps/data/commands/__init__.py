"""Changes of a notebook's files, by editors. Files have no version and no event: pages get a hint, and look again."""

from apps.data.commands.delete_file import delete_file
from apps.data.commands.make_folder import make_folder
from apps.data.commands.move_file import move_file
from apps.data.commands.store_file import IncomingFile, incoming_file

__all__ = ["IncomingFile", "delete_file", "incoming_file", "make_folder", "move_file"]
