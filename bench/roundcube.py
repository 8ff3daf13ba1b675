"""The peer of the webmail: Debian's Roundcube, nginx, PHP and Dovecot, on ports of their own over a seed's Maildir."""

from __future__ import annotations

import imaplib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from bench.peers import cpu_seconds
from tests.ports import free_ports
from tests.stories.suite import descendants

PACKAGES = ["roundcube-core", "roundcube-sqlite3", "php-fpm", "nginx-light", "dovecot-imapd"]
SOURCE = Path("/var/lib/roundcube")
SCHEMA = Path("/usr/share/roundcube/SQL/sqlite.initial.sql")
MAIL_UID = 5000
DOVECOT_CONF = """
base_dir = {root}/dovecot
state_dir = {root}/dovecot
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_uid = {uid}
mail_gid = {uid}
first_valid_uid = 100
mail_location = maildir:{root}/mail/%n
auth_username_format = %n
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password=x
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={root}/mail/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Archive {{
    auto = subscribe
    special_use = \\Archive
  }}
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
# As delivered, with the widest search as the preset: a member would tick the same boxes by hand.
CONFIG = """<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///{root}/db/roundcube.sqlite?mode=0660';
$config['imap_host'] = '127.0.0.1:{imap}';
$config['smtp_host'] = '127.0.0.1:9';
$config['des_key'] = 'only-for-benchmarks-here';
$config['plugins'] = [];
$config['skin'] = 'elastic';
$config['log_dir'] = '{root}/logs/';
$config['temp_dir'] = '{root}/temp/';
$config['archive_mbox'] = 'Archive';
$config['mail_pagesize'] = 50;
$config['language'] = 'en_US';
$config['session_lifetime'] = 240;
$config['search_scope'] = 'all';
$config['search_mods'] = ['*' => ['text' => 1]];
$config['session_samesite'] = 'Lax';
"""
FPM_CONF = """
[global]
daemonize = no
error_log = {root}/fpm.log
[roundcube]
user = www-data
group = www-data
listen = {root}/fpm.sock
listen.owner = www-data
pm = static
pm.max_children = 4
php_admin_value[session.save_path] = {root}/temp
php_admin_value[opcache.enable] = 1
php_admin_value[memory_limit] = 512M
php_admin_value[max_execution_time] = 600
"""
NGINX_CONF = """
daemon off;
user www-data;
worker_processes 1;
pid {root}/nginx.pid;
error_log {root}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  gzip on;
  gzip_types text/css application/javascript application/json image/svg+xml;
  client_body_temp_path {root}/nginx-b;
  fastcgi_temp_path {root}/nginx-f;
  proxy_temp_path {root}/nginx-p;
  scgi_temp_path {root}/nginx-s;
  uwsgi_temp_path {root}/nginx-u;
  fastcgi_buffers 64 16k;
  server {{
    listen 127.0.0.1:{web};
    root {source};
    index index.php;
    location ~ \\.php {{
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {source}/index.php;
      fastcgi_param ROUNDCUBE_CONFIG_DIR {root}/config;
      fastcgi_read_timeout 600;
      fastcgi_pass unix:{root}/fpm.sock;
    }}
    location / {{
      expires 30d;
      try_files $uri /index.php$is_args$args;
    }}
    location = / {{
      rewrite ^ /index.php;
    }}
  }}
}}
"""


class Roundcube:
    """Signs in as alice with the password x; `address` is where."""

    name = "Roundcube"
    login, password = "alice", "x"

    def __init__(self, folder: Path, maildir: Path) -> None:
        self.root, self.maildir = folder, maildir
        self.imap, self.web = free_ports(2)
        self.address = f"http://localhost:{self.web}"
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        install()
        for part in ("dovecot", "mail", "db", "logs", "temp"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        for folder in (self.root, self.root.parent):
            folder.chmod(0o755)  # its processes run as users of their own
        self._mail()
        self._site()
        for name, text in (("dovecot", DOVECOT_CONF), ("fpm", FPM_CONF), ("nginx", NGINX_CONF)):
            facts = {"root": self.root, "source": SOURCE, "uid": MAIL_UID, "imap": self.imap, "web": self.web}
            (self.root / f"{name}.conf").write_text(text.format(**facts))
        self._run("dovecot", "-F", "-c", f"{self.root}/dovecot.conf")
        fpm = next(path for path in map(shutil.which, ("php-fpm", "php-fpm8.2", "php-fpm8.4")) if path)
        self._run(fpm, "-F", "-y", f"{self.root}/fpm.conf")
        self._run("nginx", "-c", f"{self.root}/nginx.conf", "-e", f"{self.root}/nginx.log")
        self._warm()

    def _mail(self) -> None:
        """The seed's files by hard links, in folders of one's own: Dovecot renames a file to mark it, and never writes to it."""
        target = self.root / "mail" / "alice"
        if subprocess.run(["cp", "-al", str(self.maildir), str(target)], capture_output=True, check=False).returncode:
            shutil.rmtree(target, ignore_errors=True)
            subprocess.run(["cp", "-a", str(self.maildir), str(target)], check=True)  # on another disk
        for folder, _, _ in os.walk(self.root / "mail"):
            os.chown(folder, MAIL_UID, MAIL_UID)

    def _site(self) -> None:
        """Debian's Roundcube where it lies, with a configuration and a database of one's own."""
        shutil.copytree(SOURCE / "config", self.root / "config")
        (self.root / "config" / "config.inc.php").write_text(CONFIG.format(root=self.root, imap=self.imap))
        with sqlite3.connect(self.root / "db" / "roundcube.sqlite") as database:
            database.executescript(SCHEMA.read_text())
        for folder in ("db", "logs", "temp", "config"):
            subprocess.run(["chown", "-R", "www-data:www-data", str(self.root / folder)], check=True)

    def _run(self, *words: str) -> None:
        with open(self.root / "start.log", "a") as log:
            self.running.append(subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL))

    def _warm(self) -> None:
        """Dovecot's index and cache of every mailbox, filled by a client that asks what Roundcube asks for its lists."""
        link = self._connect()
        link.login(self.login, self.password)
        names = b"DATE FROM TO SUBJECT CONTENT-TYPE CC REPLY-TO LIST-POST DISPOSITION-NOTIFICATION-TO X-PRIORITY"
        for mailbox in ("INBOX", "Archive", "Sent", "Junk"):
            _, [total] = link.select(mailbox, readonly=True)
            link.sort("(REVERSE ARRIVAL)", "UTF-8", "ALL")
            link.sort("(REVERSE DATE)", "UTF-8", "ALL")
            for first in range(1, int(total) + 1, 5_000):
                asked = f"(UID RFC822.SIZE FLAGS INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({names.decode()})])"
                link.fetch(f"{first}:{min(first + 4_999, int(total))}", asked)
        link.logout()

    def _connect(self) -> imaplib.IMAP4:
        for _ in range(100):
            try:
                return imaplib.IMAP4("127.0.0.1", self.imap)
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"Dovecot did not start: {(self.root / 'dovecot.log').read_text()}")

    def stop(self) -> None:
        for process in reversed(self.running):
            process.terminate()
        for process in self.running:
            process.wait(30)

    def cpu(self) -> float:
        return cpu_seconds([pid for one in self.running for pid in (one.pid, *descendants(one.pid))])


def install() -> None:
    """The peer, from Debian, where it is not here yet. Its services are not started: ours run in the foreground."""
    if SOURCE.exists() and shutil.which("nginx") and shutil.which("dovecot"):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"The benchmark needs its peer: apt install {' '.join(PACKAGES)}, and root to start it.")
    print(f"Installing {' '.join(PACKAGES)}", file=sys.stderr)
    words = ["apt-get", "install", "-qy", "--no-install-recommends", *PACKAGES]
    subprocess.run(words, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, check=True)
