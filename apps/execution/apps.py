from importlib import import_module

from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "apps.execution"

    def ready(self) -> None:
        # It connects itself; models are there only now.
        import_module("apps.execution.leftovers")
