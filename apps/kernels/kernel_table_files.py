"""Tables as files that people download. Imported by kernel_tables.py alone.

A file has no name, so that it goes with the kernel and is in no folder of the notebook.
"""

import base64
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from typing import IO, Any
from uuid import uuid4

from kernel_table_cells import Refused
from kernel_table_frames import Frame

Json = dict[str, Any]

# Those that were written last.
MAX_FILES = 2
MAX_FILE_BYTES = 2 * 2**30
CHUNK_BYTES = 2**20


class Files:
    def __init__(self) -> None:
        self._files: OrderedDict[str, tuple[object, IO[bytes]]] = OrderedDict()

    def write(self, key: tuple[str, object, str], frame: Frame, positions: Any) -> Json:
        """What `table_request` is told; `key` is what was asked for, and its last part the format."""
        for file_id, (known, file) in self._files.items():
            if known == key:
                return {"file_id": file_id, "size_bytes": _size(file)}
        file = _nameless_file()
        try:
            _fill(file, frame, positions, key[-1])
        except BaseException:
            file.close()
            raise
        file_id = uuid4().hex
        self._files[file_id] = (key, file)
        while len(self._files) > MAX_FILES:
            self._files.popitem(last=False)  # closed when nobody reads it any more
        return {"file_id": file_id, "size_bytes": _size(file)}

    def reader(self, file_id: str, offset: int) -> Callable[[], Json]:
        """KeyError if there is no such file any more."""
        _, file = self._files[file_id]
        return lambda: {
            "content": base64.b64encode(os.pread(file.fileno(), CHUNK_BYTES, max(0, offset))).decode()
        }


def _fill(file: IO[bytes], frame: Frame, positions: Any, kind: str) -> None:
    path = f"/proc/self/fd/{file.fileno()}"
    if kind == "csv":
        frame.write_csv(path, positions)
    else:
        frame.write_parquet(path, positions)
    if (size := _size(file)) > MAX_FILE_BYTES:
        raise Refused(f"The file would have {size / 2**30:.1f} GiB. Filter the rows, or write it in a cell.")


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _nameless_file() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile(dir=os.path.expanduser("~"))
    except OSError:
        return tempfile.TemporaryFile()
