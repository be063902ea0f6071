"""Production's settings, less what needs TLS or collected files: tests talk plain HTTP and change files at will."""

import os

# Whatever the shell of whoever runs the tests says, the tests see the same.
os.environ["DEBUG"] = "0"
os.environ["SECRET_KEY"] = "only for tests, and longer than fifty characters so that no check complains"
# SQLite in memory, unless DATABASE_URL names the PostgreSQL to test with (scripts/postgres.sh).
os.environ.pop("DATABASE_PATH", None)
os.environ["CASEWORK_KEYS"] = "a secret only for tests, as long as the real ones are"
os.environ["EMAIL_URL"] = "smtp://mail.example"  # Django's test runner keeps what is sent in `mail.outbox`

from portability.settings import *  # noqa: F403

ALLOWED_HOSTS = ["localhost"]  # where the browser finds the site
SECURE_SSL_REDIRECT = False
CSRF_COOKIE_SECURE = False
SESSION_COOKIE_SECURE = False
LANGUAGE_COOKIE_SECURE = False

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
