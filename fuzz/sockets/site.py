"""A Tandem for the fuzz alone, on an empty data folder: PostgreSQL, Redis and two web servers."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import django

from fuzz.sockets.faults import Site
from tests.support.processes import WebProcess
from tests.support.servers import point_settings_at, running_servers

TOKEN = "fuzz-token-of-no-other-server"


@contextmanager
def running_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="tandem-fuzz-") as folder, ExitStack() as stack:
        data_dir = Path(folder)
        point_settings_at(data_dir)
        os.environ["NOTEBOOK_ADMIN_TOKEN"] = TOKEN
        stack.enter_context(running_servers(data_dir))
        _prepare_database()
        database_url = os.environ["DATABASE_URL"]
        webs = [WebProcess(data_dir, database_url) for _ in range(2)]
        for web in webs:
            stack.callback(web.close)
            web.start()
        yield Site(webs, os.environ["REDIS_URL"], database_url, TOKEN)


def _prepare_database() -> None:
    django.setup()
    from notebook_project.bootstrap import prepare_database  # noqa: PLC0415  (there are models only now)

    prepare_database()
