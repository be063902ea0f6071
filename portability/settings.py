"""Django's settings, for production unless the environment says DEBUG=1.

Whatever differs between two installations comes from the environment; docs/operations.md has the table.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from portability.environment import Mail, cache, database, flag, kept_secret, mail, number, path, words

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = flag("DEBUG")

# Without a key the site does not start: portability/serving.py says so, with the cure. Commands that need no secret,
# such as `manage.py determine`, run all the same.
SECRET_KEY = os.environ.get("SECRET_KEY", "") or (kept_secret(VAR_DIR / "secret_key") if DEBUG else "")

ALLOWED_HOSTS = words("ALLOWED_HOSTS") + (["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

ROOT_URLCONF = "portability.urls"
WSGI_APPLICATION = "portability.wsgi.application"

# Where the site is found, for links in e-mails and those that a command prints.
SITE_URL = (
    os.environ.get("SITE_URL", "").rstrip("/")
    or (f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS and not DEBUG else "")
    or "http://localhost:8000"
)

# Sessions and messages are for members of the workspace and staff in the admin. No page of a worker's opens a session:
# nothing that a worker answers is kept between two requests.
INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "rest_framework",
    "rest_framework_api_key",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks_db",
    "eligibility",
    "eligibility.web",
    "eligibility.api",
    "eligibility.casework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    # Pages go out compressed: most readers pay for each kilobyte. The only secret in a page, a form's token, is masked
    # anew in each one, so that its length tells nothing.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portability.signin.never_kept",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "eligibility.web.context.languages",
            ],
            "libraries": {"web": "eligibility.web.tags", "casework": "eligibility.casework.tags"},
        },
    },
]

# Fields with their label, help and error, in one place for every form.
FORM_RENDERER = "portability.forms.Renderer"

# --- Data ---

if DEBUG:
    VAR_DIR.mkdir(exist_ok=True)

DATABASES = {
    "default": database("DATABASE_URL", "DATABASE_PATH", VAR_DIR / "portability.sqlite3")
    # A pool that hands a connection on after each transaction loses the cursors that long lists are read through.
    | {"DISABLE_SERVER_SIDE_CURSORS": flag("DATABASE_POOLED")},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What all processes must see alike and may forget: how often each caller of the API asked in this minute, and how
# often somebody tried to sign in.
CACHES = {"default": cache("CACHE_URL")}

# Work that takes longer than a page may: kept in the database, done by `manage.py work`. No other service is needed.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# What seals names, contacts and notes, the newest first (eligibility/casework/keys.py).
CASEWORK_KEYS = words("CASEWORK_KEYS") or ([kept_secret(VAR_DIR / "casework_key")] if DEBUG else [])

# --- E-mail ---

outgoing = mail("EMAIL_URL", Mail("console") if DEBUG else Mail("dummy"))
# Without e-mail the site works all the same: addresses are not checked, and a link for a new password comes from the
# command line (docs/operations.md).
SENDS_EMAIL = outgoing.backend != "dummy"
EMAIL_BACKEND = f"django.core.mail.backends.{outgoing.backend}.EmailBackend"
EMAIL_HOST = outgoing.host
EMAIL_PORT = outgoing.port
EMAIL_HOST_USER = outgoing.user
EMAIL_HOST_PASSWORD = outgoing.password
EMAIL_USE_TLS = outgoing.starttls
EMAIL_USE_SSL = outgoing.tls
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "") or f"no-reply@{urlsplit(SITE_URL).hostname}"

# --- Signing in (docs/decisions/0009-signing-in.md) ---

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "casework:entry"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "eligibility.casework.accounts.AccountAdapter"
ACCOUNT_USER_DISPLAY = "eligibility.casework.accounts.called"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "eligibility.casework.signup.NameForm"
ACCOUNT_SESSION_REMEMBER = False  # the cookie goes with the browser's window: computers in offices are shared
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SENDS_EMAIL else "none"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = SENDS_EMAIL
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = SENDS_EMAIL  # "your password was changed", "a passkey was added"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # whoever is no member gets no mail from us
ACCOUNT_CHANGE_EMAIL = True  # one address for each person
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60  # seconds
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if flag("BEHIND_PROXY") else 0

MFA_ADAPTER = "eligibility.casework.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "eligibility.casework.keyforms.AddKey",
    "edit_webauthn": "eligibility.casework.keyforms.EditKey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # half a minute too early or too late: telephones' clocks go astray
MFA_ALLOW_UNVERIFIED_EMAIL = not SENDS_EMAIL  # else nobody could have a second factor

# scrypt needs much memory for each guess, and comes with Python. Older hashes are still read, and made anew at sign-in.
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}" for name in ("ScryptPasswordHasher", "PBKDF2PasswordHasher")]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Languages ---

LANGUAGE_CODE = "en"
# Each under its own name, in its own script. A language is listed once its catalogue under locale/ has every message of
# the interface: half a page in another tongue helps nobody.
LANGUAGES = [
    ("en", "English"),
    ("id", "Bahasa Indonesia"),
    ("ms", "Bahasa Melayu"),
    ("fil", "Filipino"),
    ("vi", "Tiếng Việt"),
    ("th", "ไทย"),
    ("km", "ខ្មែរ"),
    ("lo", "ລາວ"),
    ("my", "မြန်မာ"),
    ("pt", "Português"),
    ("tet", "Tetun"),
    ("zh-hans", "简体中文"),
]
# Those that a native speaker has read and found right. The others say on each page that they are drafts.
LANGUAGES_REVIEWED = frozenset({"en"})
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# By whose midnight days begin: "today" in forms, last days to claim, the chores of a day.
TIME_ZONE = os.environ.get("TIME_ZONE", "") or "UTC"

# --- Files of the pages ---

STATIC_URL = "static/"
STATIC_ROOT = path("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

# --- Safety ---

SECURE_SSL_REDIRECT = not DEBUG
# Whoever watches over the machine asks from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
if flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

SECURE_HSTS_SECONDS = 0 if DEBUG else number("HSTS_SECONDS", 365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_SECONDS > 0
SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0

CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed: nothing of a visit stays on a borrowed phone
SESSION_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_AGE = 8 * 60 * 60  # seconds: a working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"  # not "Strict": a link in an e-mail must find its reader signed in
# A new key is shown in a message: it travels in a cookie and is never written to the database.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LANGUAGE_COOKIE_SECURE = not DEBUG
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

# Other sites learn nothing. The even stricter "no-referrer" makes browsers send `Origin: null` with our own forms,
# which the protection against forged requests must refuse: every form would answer 403.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Pages hold no inline script, no inline style, and nothing from another site.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- The interface for programs ---

REST_FRAMEWORK = {
    # JSON alone: the browsable pages need inline scripts, which the policy above forbids.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # Behind a proxy a caller's address is the one that the proxy adds; else nobody's word is taken for it.
    "NUM_PROXIES": 1 if flag("BEHIND_PROXY") else 0,
}
# Requests a minute: without a key, and for each key.
API_RATE_ANONYMOUS = number("API_RATE_ANONYMOUS", 60)
API_RATE_KEY = number("API_RATE_KEY", 1200)

SPECTACULAR_SETTINGS = {
    "TITLE": "Which social security benefits cross the border",
    "DESCRIPTION": "What a migrant worker keeps, loses or can carry across the border, and the law behind it."
    " Information, not legal advice.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": ["eligibility.api.schema.complete"],
    "TAGS": [
        {"name": "Answers", "description": "What becomes of a worker's benefits."},
        {"name": "The law", "description": "The rulebook behind the answers."},
        {"name": "About", "description": "This interface."},
    ],
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

# Pages of other sites may ask from a browser only where the operator says so.
CORS_ALLOWED_ORIGINS = words("CORS_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "Edition", "SMS-Segments"]

# --- Uploads ---

# A file is kept in memory until it is sealed: what stands in it never lies open on a disk.
FILE_UPLOAD_HANDLERS = ["eligibility.casework.uploads.InMemory"]

# --- Logs ---

# What a worker tells us must not end up in a log. So errors go to the console as a traceback, which holds neither the
# form nor the values of variables. Django's default would also mail each error to the ADMINS with everything that was
# posted; that handler is left out on purpose. Request lines lose their query string.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "portability.logs.WithoutRows", "fmt": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "filters": {"without_query": {"()": "portability.logs.WithoutQuery"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_query"]},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Both have handlers of their own by default: the mail to the admins, and runserver's request lines.
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Says every SQL statement, with its values, when DEBUG is on and somebody turns the level down.
        "django.db.backends": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

# Where the button "Leave this page now" leads: a page that tells nothing of where somebody was.
QUICK_EXIT_URL = os.environ.get("QUICK_EXIT_URL", "https://www.google.com/")

# The law that this installation answers by.
RULEBOOK_PATH = path("RULEBOOK_PATH", BASE_DIR / "fixtures" / "rulebook")
# Older editions, each in a folder named by the 64 hex digits of its edition, so that an old answer can be asked again.
RULEBOOK_EDITIONS = path("RULEBOOK_EDITIONS", VAR_DIR / "editions")
