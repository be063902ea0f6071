"""What must hold before the site answers its first request."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def require_secret_key() -> None:
    """Refuse to serve without a secret key, and say how to get one.

    Raises ImproperlyConfigured. Commands that serve nothing do not ask, so `manage.py determine` runs without a key.
    """
    try:
        settings.SECRET_KEY  # noqa: B018  # Django raises when the key is asked for and empty
    except ImproperlyConfigured as error:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Make one with\n"
            "    python -c 'import secrets; print(secrets.token_urlsafe(64))'\n"
            "and put it, always the same one, in the environment of the server as SECRET_KEY. "
            "To try the site on your own machine use `make serve` instead, which sets DEBUG=1."
        ) from error
