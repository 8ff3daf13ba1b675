"""The Celery application: a doorbell. What is owed stands in the queue's rows, never here."""

import os
import sys

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailsuite.settings")


def broker_url(redis_url: str) -> str:
    """Kombu's spelling of a Redis URL: unix sockets are `redis+socket://`."""
    return redis_url.replace("unix://", "redis+socket://", 1)


app = Celery("mailsuite")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    },
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    task_default_queue="deliver-local",
    task_routes={"deliver_remote": {"queue": "deliver-remote"}},
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    # Celery would close the database before and after each task; ours look to their connections themselves.
    CELERY_DB_REUSE_MAX=sys.maxsize,
)
app.autodiscover_tasks(["mailsuite.worker"])
