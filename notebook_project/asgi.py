"""HTTP goes to Django, WebSockets to the consumers of `apps.live`."""

import gc
import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notebook_project.settings")
django_application = get_asgi_application()

# The consumers and the API import models, which exist only after Django is set up.
from apps.api.streaming import Application  # noqa: E402
from apps.live.authentication import SocketAuthentication  # noqa: E402
from apps.live.routing import websocket_urlpatterns  # noqa: E402
from notebook_project import urls  # noqa: E402, F401  (all views; else the first request waits for them)

application = ProtocolTypeRouter(
    {
        "http": Application(django_application),
        "websocket": SocketAuthentication(URLRouter(websocket_urlpatterns)),
    }
)

# The collector looks at all that there is whenever there is a quarter more; what there is by now will stay. In a
# notebook of 1,000 cells that held up an edit in five for 75 ms.
gc.collect()
gc.freeze()
