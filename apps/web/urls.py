from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from apps.web import accounts, connections, frames, home, notebook, settings, sharing

urlpatterns = [
    path("", home.index, name="home"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("login/link/<str:secret>/", accounts.login_link, name="login_link"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("settings/", settings.show, name="settings"),
    path("trash/", home.trash, name="trash"),
    path("notebooks/create/", home.create, name="create"),
    path("notebooks/tour/", home.tour, name="tour"),
    path("notebooks/import/", home.import_file, name="import"),
    path("notebooks/<uuid:notebook_id>/", notebook.show, name="notebook"),
    path("notebooks/<uuid:notebook_id>/rename/", home.rename, name="rename"),
    path("notebooks/<uuid:notebook_id>/tags/", home.tag, name="tag"),
    path("notebooks/<uuid:notebook_id>/duplicate/", home.duplicate, name="duplicate"),
    path("notebooks/<uuid:notebook_id>/delete/", home.delete, name="delete"),
    path("notebooks/<uuid:notebook_id>/restore/", home.restore, name="restore"),
    path("notebooks/<uuid:notebook_id>/export/", notebook.export, name="export"),
    path("notebooks/<uuid:notebook_id>/sharing/", sharing.members, name="sharing"),
    path("notebooks/<uuid:notebook_id>/sharing/share/", sharing.share, name="share"),
    path("connections/", connections.index, name="connections"),
    path("connections/new/", connections.new, name="new_connection"),
    path("connections/<uuid:connection_id>/", connections.edit, name="connection"),
    path("connections/<uuid:connection_id>/test/", connections.check, name="test_connection"),
    path("connections/<uuid:connection_id>/share/", connections.share, name="share_connection"),
    path("connections/<uuid:connection_id>/delete/", connections.delete, name="delete_connection"),
    path("frames/output/", frames.output, name="output_frame"),
    path("frames/widget/", frames.widget, name="widget_frame"),
]
