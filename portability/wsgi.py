"""The door for WSGI servers: `portability.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from portability.serving import require_secret_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portability.settings")

application = get_wsgi_application()
require_secret_key()
