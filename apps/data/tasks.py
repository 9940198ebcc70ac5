"""The Celery tasks, which beat sends."""

from celery import shared_task

from apps.data import answer_store


@shared_task
def sweep_answers() -> None:
    answer_store.sweep_answers()
