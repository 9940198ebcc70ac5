"""Changes of a notebook's files, by editors, and of connections, by their owners.

Files have no version and no event: pages get a hint, and look again.
"""

from apps.data.commands.change_connection import change_connection
from apps.data.commands.check_connection import check_connection
from apps.data.commands.choose_source import choose_source
from apps.data.commands.create_connection import create_connection
from apps.data.commands.delete_connection import delete_connection
from apps.data.commands.delete_file import delete_file
from apps.data.commands.make_folder import make_folder
from apps.data.commands.move_file import move_file
from apps.data.commands.share_connection import share_connection, unshare_connection
from apps.data.commands.store_file import IncomingFile, incoming_file

__all__ = [
    "IncomingFile",
    "change_connection",
    "check_connection",
    "choose_source",
    "create_connection",
    "delete_connection",
    "delete_file",
    "incoming_file",
    "make_folder",
    "move_file",
    "share_connection",
    "unshare_connection",
]
