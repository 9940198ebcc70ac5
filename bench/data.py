"""Data from outside: a table of a PostgreSQL and a Parquet file, asked by SQL cells, and the upload of a large file."""

import http.client
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import duckdb

from bench.client import Notebook, new_notebook, opened, rest
from bench.measure import print_table, shown
from bench.raw_kernel import RawKernel
from bench.server import TOKEN, Server
from tests.support.postgresql import Elsewhere, running_postgresql

# Of the server that is measured: the database is on this machine.
SETTINGS = {"NOTEBOOK_CONNECTION_PRIVATE_HOSTS": "127.0.0.1"}

ROWS, FILE_ROWS = 1_000_000, 5_000_000
RUNS = 7
UPLOAD_MB, PIECE_BYTES = 500, 2**18

_MADE = f"""
CREATE TABLE goods AS SELECT
  i AS id, i % 1000 AS maker, (i * 7919::bigint) % 10000019 AS code,
  random() AS price, random() * 100 AS weight, CASE WHEN i % 10 > 0 THEN random() END AS rating,
  'goods number ' || i AS name, md5((i % 5000)::text) AS mark,
  timestamp '2020-01-01' + i * interval '1 second' AS made_at,
  timestamptz '2021-01-01 00:00+00' + i * interval '1 minute' AS sold_at
FROM generate_series(1, {ROWS}) i;
ALTER TABLE goods OWNER TO analyst;
ANALYZE goods
"""
_QUERY = "SELECT * FROM goods"
_THEIRS = """
with adbc_driver_postgresql.dbapi.connect({url!r}) as connection:
    df_1 = pandas.read_sql({query!r}, connection)
df_1
"""

_FILE = f"""
COPY (
  SELECT i AS id, i % 1000 AS maker, hash(i) % 20 AS shop, (hash(i) % 10007) / 100.0::double AS price,
    'goods number ' || i % 5000 AS name, timestamp '2020-01-01' + interval (i) second AS sold_at
  FROM range({FILE_ROWS}) made(i)
) TO '{{path}}' (FORMAT parquet)
"""
_OVER_FILE = {
    "aggregated": "SELECT maker, count(*) AS n, avg(price) AS price, max(sold_at) AS last FROM '{path}' GROUP BY maker",
    "joined with itself": (
        "SELECT a.shop, count(*) AS n FROM '{path}' a JOIN '{path}' b ON a.id = b.id AND b.price > 50 GROUP BY a.shop"
    ),
    "200,000 rows of it": "SELECT * FROM '{path}' WHERE shop = 7 AND maker < 800",
}


def data(server: Server, kernel: RawKernel) -> None:
    # First, as what a worker has ever taken counts.
    _from_postgresql(server, kernel)
    _over_parquet(server, kernel)
    _upload(server)


def _from_postgresql(server: Server, kernel: RawKernel) -> None:
    with running_postgresql() as elsewhere:
        elsewhere.execute(_MADE)
        kernel.run("import pandas, adbc_driver_postgresql.dbapi")
        theirs = _THEIRS.format(url=elsewhere.url, query=_QUERY)
        with opened(server, _asking(server, elsewhere, _QUERY)) as (notebook, *_):
            ours_ms, theirs_ms = _in_turn(notebook, 0, kernel, theirs)
            notebook.call("shutdown")
    print_table(
        f"{ROWS:,} rows × 10 columns of a PostgreSQL into a dataframe, {RUNS} times",
        ["SQL cell", "pandas.read_sql, ADBC, raw kernel"],
        [
            ("finished, ms", [shown(ours_ms), shown(theirs_ms)]),
            ("worker memory at most, MB", [f"{server.peak_memory_mb('celery'):.1f}", "-"]),
        ],
    )


def _over_parquet(server: Server, kernel: RawKernel) -> None:
    kernel.run("import duckdb, pandas")
    rows = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        path = Path(folder) / "goods.parquet"
        duckdb.sql(_FILE.format(path=path))
        notebook_id = new_notebook(server)
        for query in _OVER_FILE.values():
            _add_sql(server, notebook_id, query.format(path="goods.parquet"))
        _put(server, notebook_id, path)
        with opened(server, notebook_id) as (notebook, *_):
            for number, (name, query) in enumerate(_OVER_FILE.items()):
                theirs = f'df_1 = duckdb.sql("""{query.format(path=path)}""").df()\ndf_1'
                times = _in_turn(notebook, number, kernel, theirs)
                rows.append((f"{name}, ms", [shown(each) for each in times]))
            notebook.call("shutdown")
    print_table(
        f"SQL over a Parquet file of {FILE_ROWS:,} rows into a dataframe, {RUNS} times",
        ["SQL cell", "DuckDB, raw kernel"],
        rows,
    )


def _upload(server: Server) -> None:
    samples = []
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
        path = Path(folder) / "large"
        path.write_bytes(os.urandom(10**6) * UPLOAD_MB)
        notebook_id = new_notebook(server)
        for _ in range(RUNS):
            began = time.perf_counter()
            _put(server, notebook_id, path)
            samples.append(UPLOAD_MB / (time.perf_counter() - began))
    print_table(
        f"Upload of {UPLOAD_MB} MB over REST, {RUNS} times",
        ["Tandem"],
        [
            ("MB/s", [shown(samples)]),
            ("web server's memory, MB", [f"{server.peak_memory_mb('web_server'):.1f}"]),
        ],
    )


def _in_turn(
    notebook: Notebook, cell: int, kernel: RawKernel, source: str
) -> tuple[list[float], list[float]]:
    """Milliseconds of both. The first time of each counts not: it imports libraries and fills caches of files."""
    ours, theirs = [], []
    for _ in range(1 + RUNS):
        ours.append(notebook.run(cell).finished_ms)
        theirs.append(kernel.run(source).finished_ms)
    return ours[1:], theirs[1:]


def _asking(server: Server, elsewhere: Elsewhere, query: str) -> str:
    notebook_id = new_notebook(server)
    cell_id = _add_sql(server, notebook_id, query)
    connection = rest(server, "POST", "connections/", {"name": "shop", "url": elsewhere.url})
    path = f"notebooks/{notebook_id}/cells/{cell_id}/connection/"
    rest(server, "PUT", path, {"connection_id": connection["id"]})
    return notebook_id


def _add_sql(server: Server, notebook_id: str, query: str) -> Any:
    cell = rest(server, "POST", f"notebooks/{notebook_id}/cells/", {"kind": "sql", "source": query})
    return cell["id"]


def _put(server: Server, notebook_id: str, path: Path) -> None:
    """Into the notebook's folder, under its own name, in place of what is there."""
    question = urlencode({"path": path.name, "overwrite": "true"})
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Length": str(path.stat().st_size)}
    url = f"/api/v1/notebooks/{notebook_id}/files/content/?{question}"
    connection.request("PUT", url, body=_pieces(path), headers=headers)
    response = connection.getresponse()
    if response.status not in (200, 201):
        raise SystemExit(f"The upload was refused: {response.read().decode()}")
    response.read()
    connection.close()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
