"""What `manage.py up` does: the children, and the order in which they start and end."""

import asyncio
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings

from notebook_project import bootstrap, embedded, preflight, programs
from notebook_project.embedded import postgres, redis_server
from notebook_project.processes import StartError, end_kernels
from notebook_project.supervisor import Child, Supervisor, show

WEB_START_TIMEOUT_S = 30.0
POLL_S = 0.02


def up() -> None:
    """Run Tandem until it is told to stop; raises StartError if it cannot start."""
    # The children run in another folder, where a relative path would mean another one.
    os.environ["NOTEBOOK_DATA_DIR"] = str(settings.NOTEBOOK_DATA_DIR)
    preflight.check_front_end(settings.STATIC_ROOT)
    with (
        preflight.lock_data_dir(settings.NOTEBOOK_DATA_DIR),
        preflight.listen(settings.NOTEBOOK_HOST, settings.NOTEBOOK_PORT) as site,
    ):
        asyncio.run(_run(site))


async def _run(site: socket.socket) -> None:
    supervisor = Supervisor()
    work = asyncio.create_task(_start_and_serve(supervisor, site))
    _stop_on_signals(work, supervisor)
    try:
        await work
    except asyncio.CancelledError:
        show("tandem", "stopping")
    finally:
        site.close()
        await supervisor.stop("web", "turns", "worker", "beat")
        # After the workers: one that still runs would start another.
        await asyncio.to_thread(end_kernels, settings.NOTEBOOK_DATA_DIR)
        await supervisor.stop()
        embedded.remove_runtime_dir(settings.NOTEBOOK_DATA_DIR)


def _stop_on_signals(work: asyncio.Task[None], supervisor: Supervisor) -> None:
    def stop() -> None:
        if work.cancelling() or work.done():
            supervisor.kill()  # asked a second time: nobody wants to wait
        else:
            work.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def _start_and_serve(supervisor: Supervisor, site: socket.socket) -> None:
    await supervisor.start(*_storage())
    login_path = await asyncio.to_thread(bootstrap.prepare_database)
    await supervisor.start(
        Child("web", partial(programs.web, site.fileno()), _wait_for_web),
        Child("worker", partial(programs.worker, settings.WORKER_THREADS)),
        Child("turns", partial(programs.worker, settings.ASSISTANT_TURNS, "assistant")),
    )
    _greet(login_path)
    await supervisor.start(Child("beat", partial(programs.beat, settings.NOTEBOOK_DATA_DIR)))
    await asyncio.Event().wait()


def _storage() -> list[Child]:
    """The servers of ours; those that the environment names have to be there already."""
    data_dir = settings.NOTEBOOK_DATA_DIR
    children = []
    if settings.EMBEDDED_POSTGRES:
        prepare, wait = partial(postgres.prepare, data_dir), partial(postgres.wait_until_ready, data_dir)
        children.append(Child("postgres", prepare, wait))
    else:
        preflight.check_database(settings.DATABASE_URL)
    if settings.EMBEDDED_REDIS:
        prepare, wait = (
            partial(redis_server.prepare, data_dir),
            partial(redis_server.wait_until_ready, data_dir),
        )
        children.append(Child("redis", prepare, wait))
    else:
        preflight.check_redis(settings.REDIS_URL)
    return children


def _wait_for_web(is_alive: Callable[[], bool]) -> None:
    """Until the first page is served: the socket alone says nothing, for it listens from the beginning."""
    deadline = time.monotonic() + WEB_START_TIMEOUT_S
    while not _is_serving():
        if not is_alive():
            raise StartError("The web server does not start: its lines above say why.")
        if time.monotonic() > deadline:
            raise StartError(f"The web server served no page within {WEB_START_TIMEOUT_S:.0f} s.")
        time.sleep(POLL_S)


def _is_serving() -> bool:
    address = preflight.site_url(settings.NOTEBOOK_HOST, settings.NOTEBOOK_PORT).removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=1)
    try:
        connection.request("GET", settings.LOGIN_URL)
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _greet(login_path: str | None) -> None:
    url = preflight.site_url(settings.NOTEBOOK_HOST, settings.NOTEBOOK_PORT)
    show("tandem", f"ready at {url}/")
    if login_path is not None:
        minutes = settings.LOGIN_LINK_TTL_S // 60
        show("tandem", f"log in with {url}{login_path} (once, within {minutes} minutes)")
