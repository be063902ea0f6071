"""The door for ASGI servers: `portability.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from portability.serving import require_secret_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portability.settings")

application = get_asgi_application()
require_secret_key()
