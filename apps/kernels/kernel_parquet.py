"""`python kernel_parquet.py ROWS`: what a Parquet file on standard input holds, as JSON. Imports nothing of the server.

It runs in a kernel's sandbox, because a reader of Parquet is much code in C++, and the file may be made to break it.
"""

import json
import sys

import duckdb

# All that the reader may open: its own standard input.
_LOCK = "SET temp_directory = ''; SET allowed_paths = ['/proc/self/fd/0']; SET enable_external_access = false"
_COLUMNS = "DESCRIBE SELECT * FROM read_parquet('/proc/self/fd/0')"
_COUNT = "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata('/proc/self/fd/0')"
_FIRST = "SELECT * FROM read_parquet('/proc/self/fd/0') LIMIT ?"
MAX_CELL_CHARS = 100


def main(most: int) -> None:
    database = duckdb.connect(config={"threads": 1, "memory_limit": "400MB"})
    database.execute(_LOCK)
    columns = database.execute(_COLUMNS).fetchall()
    ((count,),) = database.execute(_COUNT).fetchall()
    first = database.execute(_FIRST, [most]).fetchall()
    told = {
        "columns": [[name, kind] for name, kind, *_ in columns],
        "count": count or 0,
        "rows": [[str(value)[:MAX_CELL_CHARS] for value in row] for row in first],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
