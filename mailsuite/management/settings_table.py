"""What every setting means: shown by `manage.py up --help`, and tested against `settings.py`."""

from __future__ import annotations

from typing import NamedTuple


class Setting(NamedTuple):
    """An environment variable; for secrets, NAME_FILE may name a file instead."""

    name: str
    default: str
    meaning: str


SETTINGS = [
    Setting("MAILSUITE_DATA_DIR", "./data", "where everything is kept"),
    Setting("MAILSUITE_HOSTNAME", "localhost", "the name that other hosts know this one by"),
    Setting("MAILSUITE_BIND", "127.0.0.1", "the address to listen on; 0.0.0.0 or :: is all"),
    Setting("MAILSUITE_DEMO", "no", "fill an empty instance with a demo co-op, and show its passwords"),
    Setting("MAILSUITE_SMTP_PORT", "2525", "mail from other hosts"),
    Setting("MAILSUITE_SUBMISSION_PORT", "2587", "mail from mail programs, STARTTLS"),
    Setting("MAILSUITE_SUBMISSIONS_PORT", "2465", "mail from mail programs, TLS"),
    Setting("MAILSUITE_IMAP_PORT", "2143", "IMAP, STARTTLS"),
    Setting("MAILSUITE_IMAPS_PORT", "2993", "IMAP, TLS"),
    Setting("MAILSUITE_WEB_PORT", "8025", "the webmail"),
    Setting("MAILSUITE_BEHIND_PROXY", "no", "believe X-Forwarded-For and -Proto of the proxy before the webmail"),
    Setting(
        "MAILSUITE_PROXY_PEERS",
        "none",
        "addresses and networks of proxies that begin each SMTP connection with a PROXY header (v1, v2), which is then required",
    ),
    Setting(
        "MAILSUITE_WEB_URL",
        "none",
        "https://HOST under which members reach the webmail; IMAP tells it to programs that know JMAP",
    ),
    Setting("MAILSUITE_HTTPS", "no", "the webmail is reached by https alone: cookies travel by nothing else"),
    Setting("MAILSUITE_ALLOWED_HOSTS", "the host name", "names the webmail answers to, with commas"),
    Setting("MAILSUITE_RESOLVER", "of the system", "HOST:PORT of the DNS server to ask"),
    Setting("MAILSUITE_REMOTE_PORT", "25", "the port on which other hosts are called"),
    Setting("MAILSUITE_SMARTHOST", "none", "HOST:PORT that takes all mail for other hosts"),
    Setting("MAILSUITE_SMARTHOST_USER", "none", "the login there"),
    Setting("MAILSUITE_SMARTHOST_PASSWORD", "none", "the password there"),
    Setting("MAILSUITE_MESSAGE_SIZE_LIMIT", "52428800", "bytes of a message"),
    Setting("MAILSUITE_HOP_LIMIT", "50", "Received fields of a message before it counts as going in circles"),
    Setting("MAILSUITE_QUEUE_LIFETIME", "432000", "seconds until what cannot be delivered fails"),
    Setting("MAILSUITE_DELAY_WARNING", "14400", "seconds until its sender hears of the delay"),
    Setting("MAILSUITE_DAILY_RECIPIENTS", "1000", "that an account may write to in 24 hours; 0 is no limit"),
    Setting("MAILSUITE_MEMBER_DIRECTORY", "yes", "members of a domain are suggested to one another as recipients"),
    Setting("MAILSUITE_DEFAULT_QUOTA", "21474836480", "bytes of a new account; 0 is no limit"),
    Setting("MAILSUITE_UNDELETE_SECONDS", "86400", "how long the bytes of what was deleted for ever are kept"),
    Setting("MAILSUITE_SWEEP_INTERVAL", "5", "seconds between looks for work that no bell announced"),
    Setting("MAILSUITE_LEASE_SECONDS", "600", "how long a worker holds what it delivers"),
    Setting(
        "MAILSUITE_NETWORK_MESSAGES",
        "1000",
        "an hour from one network (/24, /48); ten times as many if well known; 0 is no limit",
    ),
    Setting(
        "MAILSUITE_TARPIT_SECONDS", "5", "that clients wait for an answer after ten mistakes, or much unwanted mail; 0 is none"
    ),
    Setting("MAILSUITE_BLOCKLISTS", "none", "zones of DNS blocklists, with commas, asked about hosts of which nothing is known"),
    Setting("MAILSUITE_BLOCKLISTED", "junk", "what becomes of mail from hosts on them: junk or defer"),
    Setting("MAILSUITE_SCRAM", "no", "offer SCRAM-SHA-256; yes where all mail programs use app passwords"),
    Setting("MAILSUITE_IMAP_PROCESSES", "0", "processes that share the IMAP ports; 0 is half the cores, and at most 4"),
    Setting("MAILSUITE_IMAP_HIDDEN", "none", "IMAP capabilities that are offered to nobody, with blanks, such as UIDONLY"),
    Setting("MAILSUITE_IMAP_COMMANDS", "30000", "a minute that one connection may give before it is slowed down; 0 is no limit"),
    Setting("MAILSUITE_IMAP_COMPRESSION", "yes", "mail programs may ask for compression (COMPRESS=DEFLATE)"),
    Setting("MAILSUITE_IMAGE_PROXY", "yes", "fetch the images that mail refers to, for readers who ask; no leaves them out"),
    Setting("MAILSUITE_FETCH_PERMITS", "none", "IP:PORT with commas, beyond the public web, that mail may make us fetch from"),
    Setting("MAILSUITE_LOCAL_WORKERS", "1", "processes that deliver into mailboxes"),
    Setting("MAILSUITE_REMOTE_CONNECTIONS", "20", "conversations with other hosts at once"),
    Setting("MAILSUITE_TIME_ZONE", "UTC", "of a new account"),
    Setting("MAILSUITE_SECRET_KEY", "made once", "signs sessions; kept in the data folder where it is not given"),
    Setting("MAILSUITE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Setting("MAILSUITE_DEBUG", "no", "Django's error pages; never where others can reach it"),
    Setting("DATABASE_URL", "sqlite://", "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"),
    Setting("DATABASE_PASSWORD", "none", "the password, where it is not in DATABASE_URL"),
    Setting("REDIS_URL", "a server of our own", "redis://HOST or unix://PATH of Redis or Valkey"),
]


def described() -> str:
    """All of them, a line each."""
    name, default = (max(len(one[column]) for one in SETTINGS) for column in (0, 1))
    lines = [f"  {one.name.ljust(name)}  {one.default.ljust(default)}  {one.meaning}" for one in SETTINGS]
    return "\n".join(
        ["settings, as environment variables (NAME, default, meaning; NAME_FILE may name a file with a secret):", *lines]
    )
