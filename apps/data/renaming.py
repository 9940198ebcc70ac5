"""A rename that replaces nothing: Linux's renameat2, which Python has not."""

import ctypes
import errno
import os

_RENAME_NOREPLACE = 1
_libc = ctypes.CDLL(None, use_errno=True)


def rename_to_free_name(name: str, new_name: str, *, folder: int, new_folder: int) -> None:
    """FileExistsError if there is something of the new name."""
    arguments = (folder, os.fsencode(name), new_folder, os.fsencode(new_name), _RENAME_NOREPLACE)
    if _libc.renameat2(*arguments) == 0:
        return
    code = ctypes.get_errno()
    if code != errno.EINVAL:
        raise OSError(code, os.strerror(code))
    # The file system cannot (or a folder is to go into itself, which fails again): somebody may get in between.
    try:
        os.lstat(new_name, dir_fd=new_folder)
    except FileNotFoundError:
        os.rename(name, new_name, src_dir_fd=folder, dst_dir_fd=new_folder)
    else:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
