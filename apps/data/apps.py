from django.apps import AppConfig


class DataConfig(AppConfig):
    name = "apps.data"

    def ready(self) -> None:
        """Lanes hand on what cells ask databases, and files name connections; they are below and know none."""
        # Not before there are models.
        from apps.data.answering_later import answering_later  # noqa: PLC0415
        from apps.data.named_connections import NamedConnections  # noqa: PLC0415
        from apps.execution.outside_queries import answer_with  # noqa: PLC0415
        from apps.notebooks.connection_names import found_by  # noqa: PLC0415

        answer_with(answering_later)
        found_by(NamedConnections())
