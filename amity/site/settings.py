"""Django settings, read from the environment (see docs/reference/settings.md)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from amity.kernel import env
from amity.site.mail_relay import relay
from amity.site.secrets import secret_key
from amity.site.storage import database

PACKAGE = Path(__file__).resolve().parent.parent
HOME = env.home()

DEBUG = env.flag("AMITY_DEBUG", False, "Show tracebacks in the browser. Never where customers can reach it.")
SECRET_KEY = secret_key(HOME)
VAULT_KEY = env.text("AMITY_VAULT_KEY", "", "Key that seals stored secrets. Made on first start.")
BASE_URL = env.site(
    "AMITY_URL",
    "http://127.0.0.1:8000",
    "Address under which people reach Amity. Links in mails are made from it, never from what a browser claims.",
)
_SITE = urlsplit(BASE_URL)
ALLOWED_HOSTS = list(
    env.names(
        "AMITY_HOSTS",
        ("127.0.0.1", "localhost", "[::1]"),
        "Host names under which Amity is reached, besides that of AMITY_URL.",
    )
)
if _SITE.hostname and _SITE.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(f"[{_SITE.hostname}]" if ":" in _SITE.hostname else _SITE.hostname)
IS_BEHIND_TLS = env.flag(
    "AMITY_HTTPS",
    _SITE.scheme == "https",
    "Amity is reached over HTTPS: cookies are sent over nothing else. On when AMITY_URL says https.",
)
PROXIES = env.number("AMITY_PROXIES", 0, "How many reverse proxies stand before Amity and name the client.")
PEERS = env.names(
    "AMITY_PEERS",
    (),
    "Own servers (host:port) that Amity may connect to although they are private.",
)
LIVE_PORT = env.number("AMITY_LIVE_PORT", 8001, "Port of the process that streams live updates.", least=1)
LIVE_ORIGIN = env.text(
    "AMITY_LIVE_ORIGIN",
    BASE_URL if IS_BEHIND_TLS else "",
    "Where browsers reach the live stream, if a reverse proxy serves it. AMITY_URL when it says https.",
)
METRICS_TOKEN = env.secret(
    "AMITY_METRICS_TOKEN",
    "Opens /metrics to who sends it as a bearer token; without it there are none.",
    least=20,
)
TRACING = env.text(
    "AMITY_TRACING", "", "module:function that sets up the OpenTelemetry SDK, called once in each process."
)

API_READS_PER_MINUTE = env.number(
    "AMITY_API_READS_PER_MINUTE", 60_000, "Reads that one API token may ask for in a minute.", least=1
)
API_WRITES_PER_MINUTE = env.number(
    "AMITY_API_WRITES_PER_MINUTE", 60_000, "Changes that one API token may ask for in a minute.", least=1
)
API_BULKS_PER_MINUTE = env.number(
    "AMITY_API_BULKS_PER_MINUTE", 120, "Bulk requests that one API token may send in a minute.", least=1
)
API_GUESSES_PER_MINUTE = env.number(
    "AMITY_API_GUESSES_PER_MINUTE", 30, "Wrong API tokens that one address may try in a minute.", least=1
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "template_partials",
    "procrastinate.contrib.django",
    "amity.kernel",
    "amity.program",
    "amity.channels",
    "amity.activity",
    "amity.people",
    "amity.consent",
    "amity.quality",
    "amity.commerce",
    "amity.listening",
    "amity.teamwork",
    "amity.conversations",
    "amity.segments",
    "amity.retention",
    "amity.insight",
    "amity.webhooks",
    "amity.site",
    # After amity.site, whose templates come first; none of theirs is ever shown (see amity/site/accounts).
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "amity.site.front_door.probes",
    "amity.site.request_log.request_log",
    "amity.site.front_door.scheme",
    "amity.site.front_door.host",
    "django.middleware.security.SecurityMiddleware",
    "amity.site.middleware.security_headers",
    "amity.site.middleware.programs",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amity.site.middleware.actor",
    "amity.site.middleware.domain_errors",
]

ROOT_URLCONF = "amity.site.urls"
WSGI_APPLICATION = "amity.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "amity.site.context.page",
            ],
            "builtins": ["amity.site.templatetags.amity", "template_partials.templatetags.partials"],
        },
    }
]

DATABASES = {"default": database(HOME)}
env.text(
    "AMITY_POSTGRES_OPTIONS", "", "Settings of the embedded server as name=value pairs: shared_buffers=1GB …"
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "kernel.Staff"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # e-mails are unique without regard to case, by a constraint
AUTHENTICATION_BACKENDS = ["amity.site.signin.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# django-allauth: the stages of a sign-in, second factors, sessions. Tries are counted in accounts/attempts.py instead.
ACCOUNT_ADAPTER = "amity.site.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
SOCIALACCOUNT_ADAPTER = "amity.site.accounts.oidc.SsoAdapter"
MFA_ADAPTER = "amity.site.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = False

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "login"

SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "amity_session"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "amity_csrf"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "amity.site.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_BEHIND_TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_BEHIND_TLS else 0

_RELAY = relay(
    env.text(
        "AMITY_SMTP_URL",
        "",
        "Mail server for invitations and lost passwords: smtp://user:password@host:587 or smtps://…:465.",
    )
)
CAN_SEND_MAIL = bool(_RELAY.host)
EMAIL_HOST, EMAIL_PORT = _RELAY.host, _RELAY.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _RELAY.user, _RELAY.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _RELAY.starts_tls, _RELAY.is_tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text(
    "AMITY_MAIL_FROM",
    "amity@localhost",
    "Sender of mails about accounts, for example Amity <amity@example.org>.",
)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [PACKAGE / "site" / "locale"]
FORMAT_MODULE_PATH = "amity.site.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "amity.site.static_files.HashedStaticFiles"},
}
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = HOME / "files"
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000_000
FILE_UPLOAD_TEMP_DIR = None
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

LOGGING_CONFIG = "amity.kernel.logs.configure"
LOGGING = {"level": env.text("AMITY_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.")}
