"""Fixtures that need the models, so that they can only be loaded once Django is set up, and Hypothesis's settings."""

from hypothesis import settings

pytest_plugins = [
    "tests.support.cast",
    "tests.support.elsewhere",
    "tests.support.mariadb",
    "tests.support.firebird",
    "tests.browser.hostile",
]

# How long an example takes says nothing on a machine that does other things too.
settings.register_profile("tandem", deadline=None)
settings.load_profile("tandem")
