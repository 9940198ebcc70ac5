"""Database connections: where they lead, and which notebooks may use them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from apps.base.ids import new_id
from apps.notebooks.connection_names import MAX_NAME_CHARS
from apps.notebooks.models import Notebook

MAX_PART_CHARS = 255


class ConnectionKind(models.TextChoices):
    """`sqlite` and `duckdb` are files in the notebook's folder. `sqlalchemy`: whatever a dialect of SQLAlchemy reaches
    that an administrator has allowed."""

    POSTGRESQL = "postgresql", "PostgreSQL"
    MYSQL = "mysql", "MySQL or MariaDB"
    SQLITE = "sqlite", "SQLite file"
    DUCKDB = "duckdb", "DuckDB file"
    SQLALCHEMY = "sqlalchemy", "Other (SQLAlchemy URL)"


FILES = (ConnectionKind.SQLITE, ConnectionKind.DUCKDB)


class Connection(models.Model):
    """A way to a database. `sealed_secret` is the password, encrypted (sealing.py); nothing ever gives it back.

    `database` is the path of a file, of those kinds. `options` are of addresses.OPTIONS. Of a `sqlalchemy` the secret
    is the whole URL, and `dialect`, `host`, `port` and `database` are what is shown of it. Notebooks that it is shared
    with may use it, which means: their editors may ask the database whatever its user may.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    name = models.CharField(max_length=MAX_NAME_CHARS)
    kind = models.CharField(max_length=20, choices=ConnectionKind.choices)
    dialect = models.CharField(max_length=60, blank=True)
    host = models.CharField(max_length=MAX_PART_CHARS, blank=True)
    port = models.PositiveIntegerField(null=True)
    database = models.CharField(max_length=MAX_PART_CHARS, blank=True)
    user = models.CharField(max_length=MAX_PART_CHARS, blank=True)
    options = models.JSONField(default=dict)
    sealed_secret = models.TextField(blank=True, editable=False)
    is_read_only = models.BooleanField(default=True)
    timeout_s = models.PositiveIntegerField(default=300, validators=[MinValueValidator(1)])
    max_queries = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    notebooks = models.ManyToManyField(Notebook, related_name="connections")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_connection_per_owner_and_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_file(self) -> bool:
        return self.kind in FILES


class QuerySlot(models.Model):
    """A query that runs: one of so many that a connection allows at a time, in whatever worker.

    It is free again when the row goes, or at `expires_at`, by when the query has ended whatever became of its worker.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    holder = models.UUIDField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection", "number"), name="one_query_per_slot"),)

    def __str__(self) -> str:
        return f"query {self.number} of {self.connection_id}"
