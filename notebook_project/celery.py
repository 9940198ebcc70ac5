"""The Celery application. Tasks live in the apps' `tasks.py`; what is configured, in the settings.

It is imported with the package, so nothing here may read a setting: that would load them all.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notebook_project.settings")

app = Celery("tandem")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
