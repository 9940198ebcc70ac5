"""Every setting of Tandem. Nothing else reads the environment.

A setting that cannot be understood stops the start with its name and what it should look like.
README's table of settings is checked against this file by a test.
"""

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg.conninfo
from django.core.exceptions import ImproperlyConfigured

from notebook_project import embedded


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, "") or default


def env_int(name: str, default: int, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    text = env_str(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.") from None
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name} must be from {minimum} to {maximum}, not {value}.")
    return value


def env_number(name: str, default: float, *, minimum: float = 0) -> float:
    text = env_str(name, str(default))
    try:
        value = float(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {text!r}.") from None
    if not minimum <= value < float("inf"):
        raise ImproperlyConfigured(f"{name} must be {minimum:g} or more, not {text}.")
    return value


def env_prices(name: str, default: dict[str, list[float]]) -> dict[str, list[float]]:
    """`{beginning of a model's id: [input, output, cache read, cache write]}`, added to the default."""
    text = env_str(name)
    form = (
        f'{name} must look like {{"claude-x": [3, 15, 0.3, 3.75]}}: input, output, cache read, cache write.'
    )
    try:
        prices = json.loads(text) if text else {}
        if any(len([float(price) for price in row]) != 4 for row in prices.values()):
            raise ImproperlyConfigured(form)
    except (ValueError, TypeError, AttributeError):
        raise ImproperlyConfigured(form) from None
    return default | prices


def env_storage(name: str, folder: Path) -> dict[str, object]:
    """Django's form of a storage backend: `{"BACKEND": "a.b.Storage", "OPTIONS": {…}}`; files in `folder` if unset."""
    form = f'{name} must look like {{"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {{…}}}}.'
    text = env_str(name)
    try:
        storage: dict[str, object] | None = json.loads(text) if text else None
    except ValueError:
        raise ImproperlyConfigured(form) from None
    if storage is None:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        }
    known = isinstance(storage, dict) and set(storage) <= {"BACKEND", "OPTIONS"}
    if (
        not known
        or not isinstance(storage.get("BACKEND"), str)
        or not isinstance(storage.get("OPTIONS", {}), dict)
    ):
        raise ImproperlyConfigured(form)
    return storage


def env_bool(name: str, default: bool) -> bool:
    text = env_str(name, "true" if default else "false").lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    text = env_str(name, default).upper()
    if text not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text


def env_list(name: str) -> list[str]:
    return [item.strip() for item in env_str(name).split(",") if item.strip()]


def database_from_url(url: str) -> dict[str, object]:
    """Django's form of a libpq URL, with psycopg's connection pool."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL must look like postgresql://user:password@host:5432/name ({error})."
        ) from None
    known = {key: str(parts.pop(key, "") or "") for key in ("dbname", "user", "password", "host", "port")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": {
            **parts,
            # Statements are bound and, from their third use on a connection, planned in the server once.
            "server_side_binding": True,
            "prepare_threshold": 3,
            # The pool bounds the connections of one process; a request that finds none free in ten seconds
            # fails with a clear error instead of queueing for ever.
            "pool": {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10},
        },
    }


def gateway_urls(texts: list[str]) -> list[tuple[str, str]]:
    """`[(URL, token)]` of kernel gateways."""
    found = []
    for text in texts:
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ImproperlyConfigured(
                "NOTEBOOK_KERNEL_GATEWAYS must look like https://token@host:8888, several separated by commas."
            )
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        found.append((url, unquote(parts.username or "")))
    return found


def private_hosts(texts: list[str]) -> list[str]:
    """Names, addresses and networks. What looks like an address has to be one."""
    for text in texts:
        if not re.fullmatch(r"[A-Za-z0-9._-]*[A-Za-z][A-Za-z0-9._-]*", text):
            try:
                ip_network(text)
            except ValueError:
                raise ImproperlyConfigured(
                    "NOTEBOOK_CONNECTION_PRIVATE_HOSTS must be names, addresses or networks, such as "
                    f"db.internal, 10.0.0.7, 192.168.5.0/24, separated by commas, not {text!r}."
                ) from None
    return texts


def sqlalchemy_dialects(texts: list[str]) -> dict[str, list[str]]:
    """`{dialect or dialect+driver: [options that URLs may have]}`"""
    found: dict[str, list[str]] = {}
    for text in texts:
        dialect, _, options = text.partition("?")
        names = [name for name in options.split("&") if name]
        if not re.fullmatch(r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?", dialect) or "plugin" in names:
            raise ImproperlyConfigured(
                "NOTEBOOK_SQLALCHEMY_DIALECTS must be dialects as URLs begin with them, with the options that they may "
                f"have, such as trino, snowflake?warehouse&role, separated by commas, not {text!r}."
            )
        if dialect.partition("+")[0] in ("postgresql", "postgres", "mysql", "mariadb", "sqlite", "duckdb"):
            raise ImproperlyConfigured(
                f"NOTEBOOK_SQLALCHEMY_DIALECTS must not name {dialect}: connections have a kind for it."
            )
        found[dialect] = names
    return found


def redis_url(url: str) -> str:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ImproperlyConfigured("REDIS_URL must look like redis://host:6379/0 or unix:///path.")
    return url


BASE_DIR = Path(__file__).resolve().parent.parent

# Where it listens and where it keeps everything.
NOTEBOOK_DATA_DIR = Path(env_str("NOTEBOOK_DATA_DIR", str(BASE_DIR / "data"))).resolve()
NOTEBOOK_HOST = env_str("NOTEBOOK_HOST", "127.0.0.1")
NOTEBOOK_PORT = env_int("NOTEBOOK_PORT", 8000, minimum=1, maximum=65535)
NOTEBOOK_ADMIN_TOKEN = env_str("NOTEBOOK_ADMIN_TOKEN")
RUNTIME_DIR = embedded.runtime_dir(NOTEBOOK_DATA_DIR)

# Storage. Unset, both are the servers that `manage.py up` starts under the data folder.
DATABASE_POOL_SIZE = env_int("NOTEBOOK_DATABASE_POOL", 20, minimum=2, maximum=500)
DATABASE_URL = env_str("DATABASE_URL", embedded.database_url(NOTEBOOK_DATA_DIR))
DATABASES = {"default": database_from_url(DATABASE_URL)}
REDIS_URL = redis_url(env_str("REDIS_URL", embedded.redis_url(NOTEBOOK_DATA_DIR)))
EMBEDDED_POSTGRES = not env_str("DATABASE_URL")
EMBEDDED_REDIS = not env_str("REDIS_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Django.
DEBUG = env_bool("NOTEBOOK_DEBUG", False)
SECRET_KEY = env_str("NOTEBOOK_SECRET_KEY") or embedded.load_or_create_secret_key(NOTEBOOK_DATA_DIR)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", NOTEBOOK_HOST, *env_list("NOTEBOOK_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in env_list("NOTEBOOK_ALLOWED_HOSTS")]
NOTEBOOK_HTTPS = env_bool("NOTEBOOK_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = NOTEBOOK_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NOTEBOOK_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Those of `check --deploy` that tell people to change Django's settings: deploy_checks.py names our variables.
SILENCED_SYSTEM_CHECKS = [f"security.W{number:03}" for number in (4, 8, 9, 12, 16, 18, 20)]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "apps.accounts",
    "apps.journal",
    "apps.notebooks",
    "apps.kernels",
    "apps.execution",
    "apps.data",
    "apps.assistant",
    "apps.live",
    "apps.api",
    "apps.web",
    "notebook_project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "notebook_project.urls"
ASGI_APPLICATION = "notebook_project.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# Accounts.
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_LINK_TTL_S = env_int("NOTEBOOK_LOGIN_LINK_TTL_S", 3600, minimum=60)

# Static files: built by esbuild into static/dist, collected with hashed names, served by WhiteNoise.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("css", BASE_DIR / "static" / "css")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Large binary outputs, by their content.
    "outputs": env_storage("NOTEBOOK_OUTPUT_STORAGE", NOTEBOOK_DATA_DIR / "outputs"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The frame of an output has no origin, so to its modules ours is another one.
WHITENOISE_ALLOW_ALL_ORIGINS = True

# Nothing is loaded from elsewhere, and no inline script runs. Styles may be inline: CodeMirror needs that.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        # What a cell put out: sound and video as blobs, and PDF in a frame for the browser's viewer.
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# REST.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.api.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["apps.api.renderers.WireRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tandem",
    "DESCRIPTION": "Reactive notebooks that people and programs edit and run together.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "CellKind": "apps.notebooks.models.CellKind",
        "ConnectionKind": "apps.data.models.ConnectionKind",
        "CellStatus": "apps.notebooks.models.CellStatus",
        "ActorKind": "apps.accounts.actors.ActorKind",
        "TurnChange": "apps.api.proposal_shapes.CHANGES",
        "Mode": "apps.notebooks.models.Mode",
        "ConversationMode": "apps.assistant.models.ConversationMode",
        "TurnStatus": "apps.assistant.models.TurnStatus",
    },
}

# Channels: at most once, and 0.1 ms a message; clients detect gaps by seq and offset.
CHANNEL_LAYER_PREFIX = "tandem"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": CHANNEL_LAYER_PREFIX},
    }
}

# Celery: messages are only kicks, the rows are the queue; so no results, and a message is acknowledged early.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
# More than the second for which a worker waits for a kick; without it a Redis that hangs holds whoever sends one.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "execution"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# Limits. Each bounds memory or disk against one bad request or one runaway cell.
DATA_UPLOAD_MAX_MEMORY_SIZE = env_int("NOTEBOOK_MAX_UPLOAD_BYTES", 100 * 2**20, minimum=2**20)
# Of one file that is put into a notebook's workspace; its quota is that of NOTEBOOK_WORKSPACE_BYTES.
UPLOAD_MAX_BYTES = env_int("NOTEBOOK_UPLOAD_MAX_BYTES", 4 * 2**30, minimum=1000, maximum=2**50)
MAX_CELLS = env_int("NOTEBOOK_MAX_CELLS", 10_000, minimum=1)
MAX_SOURCE_CHARS = env_int("NOTEBOOK_MAX_SOURCE_CHARS", 2_000_000, minimum=1000)
MAX_CELL_TEXT_CHARS = env_int("NOTEBOOK_MAX_CELL_TEXT_CHARS", 10 * 2**20, minimum=1000)
MAX_OUTPUT_BYTES = env_int("NOTEBOOK_MAX_OUTPUT_BYTES", 10 * 2**20, minimum=1000, maximum=2**29)
# Binary is a third longer in JSON, and an output may come in several types. A piece of text takes six MiB at most.
MAX_MESSAGE_BYTES = 2 * MAX_OUTPUT_BYTES + 8 * 2**20
MAX_CELL_OUTPUTS = env_int("NOTEBOOK_MAX_CELL_OUTPUTS", 5000, minimum=10)
MAX_CELL_OUTPUT_BYTES = env_int("NOTEBOOK_MAX_CELL_OUTPUT_BYTES", 20 * 2**20, minimum=2**16)

# Execution.
RUNS_PER_HOUR = env_int("NOTEBOOK_RUNS_PER_HOUR", 0)  # of one person; 0: no limit
WORKER_THREADS = env_int("NOTEBOOK_WORKER_THREADS", 64, minimum=2, maximum=1000)
LANE_TTL_S = env_int("NOTEBOOK_LANE_TTL_S", 10, minimum=2)  # a dead worker's notebooks wait this long
LANE_LINGER_S = env_int(
    "NOTEBOOK_LANE_LINGER_S", 60, minimum=0
)  # an idle lane keeps its worker thread this long
SWEEP_INTERVAL_S = env_int("NOTEBOOK_SWEEP_INTERVAL_S", 3, minimum=1)
KERNEL_START_TIMEOUT_S = env_int("NOTEBOOK_KERNEL_START_TIMEOUT_S", 30, minimum=1)

# Kernels.
SANDBOX = env_choice("NOTEBOOK_SANDBOX", "auto", ("AUTO", "BWRAP", "OFF")).lower()
CELL_TIMEOUT_S = env_int("NOTEBOOK_CELL_TIMEOUT_S", 24 * 3600, minimum=1)
KERNEL_IDLE_S = env_int("NOTEBOOK_KERNEL_IDLE_S", 2 * 3600, minimum=60)
CULL_INTERVAL_S = 60
KERNELS_PER_USER = env_int("NOTEBOOK_KERNELS_PER_USER", 30, minimum=1)
KERNEL_GATEWAYS = gateway_urls(env_list("NOTEBOOK_KERNEL_GATEWAYS"))
CODE_SESSIONS = env_int("NOTEBOOK_EXECUTE_SESSIONS", 8, minimum=1, maximum=1000)
CODE_SESSION_IDLE_S = env_int("NOTEBOOK_EXECUTE_IDLE_S", 600, minimum=10)
KERNEL_POOL = env_int("NOTEBOOK_KERNEL_POOL", 1, maximum=50)
KERNEL_MEMORY_BYTES = env_int("NOTEBOOK_KERNEL_MEMORY_BYTES", 2 * 2**30, minimum=256 * 2**20, maximum=2**50)
KERNEL_PROCESSES = env_int("NOTEBOOK_KERNEL_PROCESSES", 512, minimum=32)
WORKSPACE_BYTES = env_int("NOTEBOOK_WORKSPACE_BYTES", 10 * 2**30, minimum=2**20, maximum=2**50)

# Database connections. The first key encrypts, all decrypt; without any it is derived from the secret key.
CONNECTION_KEYS = [*env_list("NOTEBOOK_CONNECTION_KEYS"), SECRET_KEY]
CONNECTION_PRIVATE_HOSTS = private_hosts(env_list("NOTEBOOK_CONNECTION_PRIVATE_HOSTS"))
SQLALCHEMY_DIALECTS = sqlalchemy_dialects(env_list("NOTEBOOK_SQLALCHEMY_DIALECTS"))
QUERY_MAX_ROWS = env_int("NOTEBOOK_QUERY_MAX_ROWS", 20_000_000, minimum=1)
QUERY_MAX_BYTES = env_int("NOTEBOOK_QUERY_MAX_BYTES", 2 * 2**30, minimum=2**16, maximum=2**50)
QUERY_MAX_TIMEOUT_S = env_int("NOTEBOOK_QUERY_MAX_TIMEOUT_S", 3600, minimum=1, maximum=7 * 24 * 3600)
# Of SQL cells that keep what they were answered for a time.
QUERY_CACHE_DIR = NOTEBOOK_DATA_DIR / "answers"
QUERY_CACHE_BYTES = env_int("NOTEBOOK_QUERY_CACHE_BYTES", 2**30, maximum=2**50)  # 0: nothing is kept
QUERY_CACHE_ANSWER_BYTES = env_int("NOTEBOOK_QUERY_CACHE_ANSWER_BYTES", 2**28, maximum=2**50)

# The assistant. Without a key (or another server that speaks the Messages API) everything else works.
ANTHROPIC_API_KEY = env_str("ANTHROPIC_API_KEY")
ANTHROPIC_BASE_URL = env_str("ANTHROPIC_BASE_URL")
ASSISTANT_MODELS = env_list("NOTEBOOK_ASSISTANT_MODELS") or ["claude-sonnet-5-5", "claude-opus-5-5"]
ASSISTANT_COMPLETION_MODEL = env_str("NOTEBOOK_ASSISTANT_COMPLETION_MODEL")  # "": the first of those
ASSISTANT_TURNS = env_int("NOTEBOOK_ASSISTANT_TURNS", 32, minimum=1, maximum=1000)
ASSISTANT_APPROVALS = env_str("NOTEBOOK_ASSISTANT_APPROVALS", "delete_cell, runs>60")
ASSISTANT_MAX_OUTPUT_TOKENS = env_int("NOTEBOOK_ASSISTANT_OUTPUT_TOKENS", 32_000, minimum=1000)
ASSISTANT_TURN_STEPS = env_int("NOTEBOOK_ASSISTANT_TURN_STEPS", 50, minimum=1)
ASSISTANT_TURN_TOKENS = env_int("NOTEBOOK_ASSISTANT_TURN_TOKENS", 3_000_000, minimum=1000)
ASSISTANT_TURN_S = env_int("NOTEBOOK_ASSISTANT_TURN_S", 3600, minimum=10)
ASSISTANT_TURN_USD = env_number("NOTEBOOK_ASSISTANT_TURN_USD", 5)
ASSISTANT_DAY_TOKENS = env_int("NOTEBOOK_ASSISTANT_DAY_TOKENS", 0)  # 0: no limit
ASSISTANT_DAY_USD = env_number("NOTEBOOK_ASSISTANT_DAY_USD", 0)
ASSISTANT_READ_TIMEOUT_S = env_int("NOTEBOOK_ASSISTANT_TIMEOUT_S", 90, minimum=1)
ASSISTANT_ATTEMPTS = 6  # of one call of the model
ASSISTANT_FIRST_RETRY_S = 1.0  # doubles with each attempt
ASSISTANT_LONGEST_RETRY_S = 60.0  # whatever the server asks for
# US dollars per million tokens, by the longest beginning of the model's id that is here.
ASSISTANT_PRICES = env_prices(
    "NOTEBOOK_ASSISTANT_PRICES",
    {
        "claude-fable-5": [10, 50, 1, 12.5],
        "claude-fable-5-1": [10, 50, 0.25, 12.5],
        "claude-mythos-5": [10, 50, 1, 12.5],
        "claude-mythos-5-1": [10, 50, 0.25, 12.5],
        "claude-opus-4": [5, 25, 0.5, 6.25],
        "claude-opus-5": [5, 25, 0.5, 6.25],
        "claude-opus-5-5": [4, 20, 0.2, 5],
        "claude-sonnet-4": [3, 15, 0.3, 3.75],
        "claude-sonnet-5": [2, 10, 0.2, 2.5],
        "claude-sonnet-5-5": [2, 10, 0.1, 2.5],
        "claude-haiku-4-5": [1, 5, 0.1, 1.25],
        "claude-haiku-5-5": [0.1, 0.5, 0.01, 0.125],  # of prompts up to 100,000 tokens
    },
)

CELERY_BEAT_SCHEDULE = {
    "sweep-turns": {
        "task": "apps.assistant.tasks.sweep_turns",
        "schedule": float(SWEEP_INTERVAL_S),
        "options": {"expires": float(SWEEP_INTERVAL_S), "queue": "assistant"},
    },
    "sweep-lanes": {
        "task": "apps.execution.tasks.sweep_lanes",
        "schedule": float(SWEEP_INTERVAL_S),
        # A sweep that waited longer than one interval is replaced by the next one.
        "options": {"expires": float(SWEEP_INTERVAL_S)},
    },
    "index-texts": {
        "task": "apps.notebooks.tasks.index_texts",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "sweep-output-files": {
        "task": "apps.notebooks.tasks.sweep_output_files",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "sweep-answers": {
        "task": "apps.data.tasks.sweep_answers",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "cull-kernels": {
        "task": "apps.execution.tasks.cull_kernels",
        "schedule": float(CULL_INTERVAL_S),
        "options": {"expires": float(CULL_INTERVAL_S)},
    },
}

LOG_LEVEL = env_choice("NOTEBOOK_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
