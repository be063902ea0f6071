"""Production's settings over plain HTTP, for 127.0.0.1 alone."""

from portability.settings import *  # noqa: F403

SECURE_SSL_REDIRECT = False
