"""The Celery tasks, which beat sends."""

from celery import shared_task

from apps.notebooks.file_sweep import sweep_files
from apps.notebooks.search import MAX_INDEXED, index_words

# After an import of many notebooks the rest waits for the next time.
MAX_ROUNDS = 100


@shared_task
def index_texts() -> None:
    for _ in range(MAX_ROUNDS):
        if index_words() < MAX_INDEXED:
            return


@shared_task
def sweep_output_files() -> None:
    sweep_files()
