"""Fixtures that need the models, so that they can only be loaded once Django is set up."""

pytest_plugins = ["tests.support.cast"]
