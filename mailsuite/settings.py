"""Every setting of a Mailsuite process, read from the environment; a wrong one stops the start with one sentence."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import sys
import tempfile
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE names (for secrets)."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, least: int = 0, most: int = 2**62) -> int:
    value = text(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def boolean(name: str, default: bool = False) -> bool:
    value = text(name, "yes" if default else "no").lower()
    if value not in ("1", "0", "yes", "no", "true", "false", "on", "off"):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be yes or no.")
    return value in ("1", "yes", "true", "on")


def port(name: str, default: int) -> int:
    return integer(name, default, 0, 65535)


def host_name(name: str, default: str) -> str:
    value = text(name, default).lower().rstrip(".")
    if len(value) > 253 or not re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a host name, such as mail.example.org.")
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a time zone, such as Europe/Lisbon.") from error


def log_level(name: str, default: str) -> str:
    value, known = text(name, default).upper(), ("DEBUG", "INFO", "WARNING", "ERROR")
    if value not in known:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(known)}.")
    return value


def redis_url(name: str, default: str) -> str:
    value = text(name, default)
    if not value.startswith(("redis://", "rediss://", "unix:///")):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be redis://HOST:PORT/0, rediss:// or unix:///PATH.")
    return value


def host_port(name: str, default_port: int) -> tuple[str, int] | None:
    """HOST, HOST:PORT or [IPV6]:PORT as a pair; None where NAME is not set."""
    value = text(name)
    if not value:
        return None
    try:
        parts = urlsplit(f"//{value}")
        found = parts.hostname, parts.port or default_port
    except ValueError:
        found = None, 0
    if not found[0] or parts.path:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be HOST or HOST:PORT, such as 127.0.0.1:{default_port}.")
    return str(found[0]), int(found[1])


def web_url(name: str) -> str:
    """https://HOST without a path; empty where NAME is not set."""
    value = text(name).rstrip("/")
    if value and not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]{1,255}", value):
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a URL without a path, such as https://mail.example.org.")
    return value


# Every thread that uses the database belongs to a bounded pool (bridge, web door, worker), so its connection may stay: a new
# one a request costs a millisecond, and on SQLite the last one to close writes the whole WAL back.
KEPT_OPEN = {"CONN_MAX_AGE": 3_600, "CONN_HEALTH_CHECKS": True}


def endpoints(name: str) -> frozenset[tuple[str, int]]:
    """IP:PORT, several with commas, as pairs; IPv6 in brackets."""
    found = set()
    for one in text(name).replace(",", " ").split():
        address, _, number = one.rpartition(":")
        try:
            found.add((str(ip_address(address.strip("[]"))), int(number)))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} holds {one!r}; it must be IP:PORT, such as 192.168.1.5:8080.") from error
    return frozenset(found)


def networks(name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, several with commas."""
    found = []
    for one in text(name).replace(",", " ").split():
        try:
            found.append(ip_network(one))
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} holds {one!r}; it must be an address or a network, such as 10.0.0.0/24."
            ) from error
    return tuple(found)


def zones(name: str) -> tuple[str, ...]:
    """Names of DNS zones, several with commas."""
    found = text(name).lower().replace(",", " ").split()
    for one in found:
        if len(one) > 150 or not re.fullmatch(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+", one):
            raise ImproperlyConfigured(f"{name} holds {one!r}; it must be a zone, such as bl.example.net.")
    return tuple(found)


def one_of(name: str, *known: str) -> str:
    """One of these words; the first where NAME is not set."""
    value = text(name, known[0]).lower()
    if value not in known:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(known)}.")
    return value


def database(url: str) -> dict[str, object]:
    """Django's database entry for a sqlite:/// or postgresql:// URL."""
    try:
        parts = urlsplit(url)
        number = parts.port or ""
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is no URL: {error}.") from error
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path)) if parts.path not in ("", "/") else DATA_DIR / "mailsuite.sqlite3")
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {parts.scheme!r}; it must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or text("DATABASE_PASSWORD"),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": number,
        "OPTIONS": query,
        **KEPT_OPEN,
    }


def sqlite(path: Path) -> dict[str, object]:
    """SQLite as a mail store needs it: a commit is on disk before it is answered, and no write starts as a read."""
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "mmap_size=134217728",
        "cache_size=-20000",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
        "wal_autocheckpoint=4000",
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "; ".join(f"PRAGMA {pragma}" for pragma in pragmas),
        },
        **KEPT_OPEN,
        "TEST": {"NAME": str(path.with_suffix(".test.sqlite3"))},
    }


def secret_key() -> str:
    """The instance's secret: from the environment, else made once and kept in the data folder."""
    if value := text("MAILSUITE_SECRET_KEY"):
        return value
    path = DATA_DIR / "secret_key"
    try:
        DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists() or not path.stat().st_size:
            make_secret(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"MAILSUITE_DATA_DIR is {str(DATA_DIR)!r}, which cannot be used: {error.strerror}.") from error


def make_secret(path: Path) -> None:
    """Write a new secret, whole and on the disk before its name is there; of two processes that start at once, one wins."""
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        if not path.stat().st_size:  # an older start was cut off before its secret reached the disk
            draft.replace(path)
    draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def run_dir() -> Path:
    """The folder of our sockets: in the data folder, unless its name is too long for a socket address (108 bytes on Linux)."""
    folder = DATA_DIR / "run"
    if len(os.fsencode(folder)) <= 80:
        return folder
    name = hashlib.sha256(os.fsencode(DATA_DIR)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"mailsuite-{os.geteuid()}-{name}"


# --- where, and under which names ---
DATA_DIR = Path(text("MAILSUITE_DATA_DIR", str(BASE_DIR / "data"))).resolve()
BLOB_DIR = DATA_DIR / "blobs"
IMAGE_DIR = DATA_DIR / "images"  # a cache: it may be emptied at any time
TLS_DIR = DATA_DIR / "tls"
HOSTNAME = host_name("MAILSUITE_HOSTNAME", "localhost")
BIND = text("MAILSUITE_BIND", "127.0.0.1")
DEMO = boolean("MAILSUITE_DEMO")
SMTP_PORT = port("MAILSUITE_SMTP_PORT", 2525)
SUBMISSION_PORT = port("MAILSUITE_SUBMISSION_PORT", 2587)
SUBMISSIONS_PORT = port("MAILSUITE_SUBMISSIONS_PORT", 2465)
IMAP_PORT = port("MAILSUITE_IMAP_PORT", 2143)
IMAPS_PORT = port("MAILSUITE_IMAPS_PORT", 2993)
WEB_PORT = port("MAILSUITE_WEB_PORT", 8025)
WEB_URL = web_url("MAILSUITE_WEB_URL")
BEHIND_PROXY = boolean("MAILSUITE_BEHIND_PROXY")  # then X-Forwarded-For and -Proto of the nearest proxy are believed
PROXY_PEERS = networks("MAILSUITE_PROXY_PEERS")  # that introduce their clients to the SMTP ports by the PROXY protocol

# --- mail ---
RESOLVER = host_port("MAILSUITE_RESOLVER", 53)
REMOTE_PORT = port("MAILSUITE_REMOTE_PORT", 25)
SMARTHOST = host_port("MAILSUITE_SMARTHOST", 25)
SMARTHOST_USER = text("MAILSUITE_SMARTHOST_USER")
SMARTHOST_PASSWORD = text("MAILSUITE_SMARTHOST_PASSWORD")
MESSAGE_SIZE_LIMIT = integer("MAILSUITE_MESSAGE_SIZE_LIMIT", 52_428_800, 65_536)  # bytes, as SIZE announces it
HOP_LIMIT = integer("MAILSUITE_HOP_LIMIT", 50, 1, 1000)  # Received lines before a message counts as looping
QUEUE_LIFETIME = integer("MAILSUITE_QUEUE_LIFETIME", 5 * 86_400, 60)  # seconds until a deferred recipient fails
DELAY_WARNING = integer("MAILSUITE_DELAY_WARNING", 4 * 3_600, 60)  # seconds until the sender hears of a delay
UNDELETE_SECONDS = integer("MAILSUITE_UNDELETE_SECONDS", 86_400)  # how long a member can have back what was deleted for ever
SWEEP_INTERVAL = integer("MAILSUITE_SWEEP_INTERVAL", 5, 1, 3600)  # seconds between looks for due rows
LEASE_SECONDS = integer("MAILSUITE_LEASE_SECONDS", 600, 5)
REMOTE_CONNECTIONS = integer("MAILSUITE_REMOTE_CONNECTIONS", 20, 1, 1000)  # conversations with other hosts at once
LOCAL_WORKERS = integer("MAILSUITE_LOCAL_WORKERS", 1, 1, 64)  # processes that deliver into mailboxes
DAILY_RECIPIENTS = integer("MAILSUITE_DAILY_RECIPIENTS", 1_000, 0)  # that one account may write to in 24 hours; 0 is no limit
MEMBER_DIRECTORY = boolean("MAILSUITE_MEMBER_DIRECTORY", default=True)  # members of a domain are suggested to one another
DEFAULT_QUOTA = integer("MAILSUITE_DEFAULT_QUOTA", 20 * 2**30, 0)  # bytes for a new account; 0 is none
NETWORK_MESSAGES = integer("MAILSUITE_NETWORK_MESSAGES", 1_000, 0)  # an hour from one network (/24, /48); 0 is no limit
TARPIT_SECONDS = integer("MAILSUITE_TARPIT_SECONDS", 5, 0, 60)  # for each answer to who makes mistake after mistake
BLOCKLISTS = zones("MAILSUITE_BLOCKLISTS")  # asked about strangers of whom nothing else is known
BLOCKLISTED = one_of("MAILSUITE_BLOCKLISTED", "junk", "defer")

# --- IMAP ---
# Off unless asked for: it knows app passwords only, and clients that see it in the offer try nothing else, so whoever uses the
# account's own password with mutt or mbsync would be refused.
SCRAM = boolean("MAILSUITE_SCRAM")
IMAP_PROCESSES = integer("MAILSUITE_IMAP_PROCESSES", 0, 0, 64) or min(4, max(1, (os.cpu_count() or 1) // 2))
IMAP_HIDDEN = frozenset(text("MAILSUITE_IMAP_HIDDEN").upper().replace(",", " ").split())  # capabilities that are not offered
IMAP_COMMANDS = integer("MAILSUITE_IMAP_COMMANDS", 30_000)  # a minute and connection, then it is slowed down; 0 is no limit
IMAP_COMPRESSION = boolean("MAILSUITE_IMAP_COMPRESSION", default=True)  # clients may ask for COMPRESS=DEFLATE

# --- images that mail refers to ---
IMAGE_PROXY = boolean("MAILSUITE_IMAGE_PROXY", default=True)  # fetched by us for whoever reads; else remote images stay off
FETCH_PERMITS = endpoints("MAILSUITE_FETCH_PERMITS")  # beyond the public web: what strangers' mail may make us call

# --- Redis or Valkey: a doorbell and a change bus; mail goes on without it ---
RUN_DIR = run_dir()
REDIS_URL = redis_url("REDIS_URL", f"unix://{RUN_DIR / 'valkey.sock'}")

# --- Django ---
SECRET_KEY = secret_key()
DEBUG = boolean("MAILSUITE_DEBUG")
ALLOWED_HOSTS = (
    text("MAILSUITE_ALLOWED_HOSTS", "*" if DEMO else f"{HOSTNAME},localhost,127.0.0.1,[::1]").replace(",", " ").split()
)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "mailsuite",
    "mailsuite.accounts",
    "mailsuite.blobs",
    "mailsuite.queue",
    "mailsuite.mailstore",
    "mailsuite.people",
    "webmail",
]
MIDDLEWARE = [
    "webmail.middleware.Guard",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "webmail.middleware.Member",
]
ROOT_URLCONF = "mailsuite.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webmail.icons.icons",
            ],
            "builtins": ["webmail.i18n.template"],
        },
    }
]
DATABASES = {"default": database(text("DATABASE_URL", "sqlite://"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LANGUAGE_CODE = "en"
TIME_ZONE = time_zone("MAILSUITE_TIME_ZONE", "UTC")
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
# Files whose names hold a hash: twelve digits of Django, or the eight letters that the application's build gives its parts.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/.+(?:\.[0-9a-f]{12}|-[A-Z0-9]{8})\.\w+$"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = boolean("MAILSUITE_HTTPS")
SESSION_COOKIE_NAME = "__Host-session" if SESSION_COOKIE_SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if CSRF_COOKIE_SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "webmail.views.errors.csrf_failed"
SESSION_COOKIE_AGE = 30 * 86_400
SECURE_REFERRER_POLICY = "same-origin"  # `no-referrer` makes browsers send `Origin: null` with our own forms
DATA_UPLOAD_MAX_MEMORY_SIZE = MESSAGE_SIZE_LIMIT
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOG_LEVEL = log_level("MAILSUITE_LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "mail.log": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "py.warnings": {"level": "ERROR"},  # what Celery captures; it speaks to developers
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
