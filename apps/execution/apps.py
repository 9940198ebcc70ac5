from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "apps.execution"

    def ready(self) -> None:
        from apps.execution.leftovers import connect  # models are there only now

        connect()
