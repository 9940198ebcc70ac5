from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "notebook_project"

    def ready(self) -> None:
        # Django finds checks where they are imported; they need the models.
        from notebook_project import deploy_checks  # noqa: F401, PLC0415
