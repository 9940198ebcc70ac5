from django.urls import path

from apps.live.consumers import NotebookConsumer

websocket_urlpatterns = [path("ws/notebooks/<uuid:notebook_id>/", NotebookConsumer.as_asgi())]
