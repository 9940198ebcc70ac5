"""`manage.py up`: all of Tandem under one supervisor. See `notebook_project/launch.py`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from notebook_project import launch
from notebook_project.processes import StartError


class Command(BaseCommand):
    help = "Start PostgreSQL, Redis, the web server, a worker and beat; Ctrl-C stops them."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            launch.up()
        except StartError as error:
            self.stderr.write(str(error))
            sys.exit(1)
