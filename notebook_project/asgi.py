"""HTTP goes to Django, WebSockets to the consumers of `apps.live`."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notebook_project.settings")
django_application = get_asgi_application()

# The consumers and the API import models, which exist only after Django is set up.
from apps.api.streaming import Application  # noqa: E402
from apps.base.collector import keep_what_is_loaded  # noqa: E402
from apps.live.authentication import SocketAuthentication  # noqa: E402
from apps.live.routing import websocket_urlpatterns  # noqa: E402
from notebook_project import urls  # noqa: E402, F401  (all views; else the first request waits for them)

application = ProtocolTypeRouter(
    {
        "http": Application(django_application),
        "websocket": SocketAuthentication(URLRouter(websocket_urlpatterns)),
    }
)

keep_what_is_loaded()
