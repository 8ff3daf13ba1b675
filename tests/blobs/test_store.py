"""Blobs: kept once, counted, swept, and given back exactly."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from mailsuite.blobs import files, store
from mailsuite.blobs.models import Blob, Packed

SMALL = b"Subject: Beans\r\n\r\nThe beans are up.\r\n"
LARGE = os.urandom(700_000)


@pytest.fixture(autouse=True)
def blob_dir(tmp_path: Path, settings: object) -> Path:
    settings.BLOB_DIR = tmp_path / "blobs"
    return settings.BLOB_DIR


def saved(content: bytes, references: int = 1) -> Blob:
    with transaction.atomic():
        return store.save([(store.draft(content), references)])[0]


def fresh(blob: Blob) -> Blob:
    """The blob as a reader in another process finds it."""
    store._cache = store._Cache()
    return Blob.objects.get(pk=blob.pk)


def make_old(path: Path) -> None:
    os.utime(path, (time.time() - 7200, time.time() - 7200))


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", SMALL, b"\x00\r\n\r" * 9000, LARGE], ids=["empty", "small", "binary", "large"])
def test_content_comes_back_exactly(content: bytes) -> None:
    blob = fresh(saved(content))
    assert blob.hash == hashlib.sha256(content).hexdigest()
    assert store.read(blob) == content
    assert b"".join(store.stream(blob)) == content
    assert store.read_range(blob, 5, 1000) == content[5:1005]
    assert store.verify(blob) is None


@pytest.mark.django_db
def test_a_writer_fed_in_pieces_makes_the_same_blob() -> None:
    writer = store.Writer()
    for start in range(0, len(LARGE), 9973):
        writer.write(LARGE[start : start + 9973])
    assert writer.finish().hash == hashlib.sha256(LARGE).hexdigest()


@pytest.mark.django_db
def test_a_range_of_a_file_larger_than_the_cache_takes_is_cut_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CACHE_ITEM", 1000)
    blob = fresh(saved(LARGE))
    assert store.read_range(blob, 300_000, 500) == LARGE[300_000:300_500]
    assert store.read_range(blob, len(LARGE) - 3, 500) == LARGE[-3:]
    assert store.read_range(blob, len(LARGE) + 3, 500) == b""


@pytest.mark.django_db
def test_small_content_is_in_the_row_and_large_content_in_a_file(blob_dir: Path) -> None:
    assert saved(SMALL).inline is not None
    large = saved(LARGE)
    assert large.inline is None
    assert files.path_of(large.hash).exists()
    assert not list((blob_dir / "tmp").iterdir())


@pytest.mark.django_db
def test_the_same_content_is_one_row_and_its_references_add_up() -> None:
    with transaction.atomic():
        first, other, second = store.save([(store.draft(SMALL), 1), (store.draft(b"x"), 1), (store.draft(SMALL), 2)])
    assert first.pk == second.pk != other.pk
    assert saved(SMALL).pk == first.pk
    assert fresh(first).references == 4


@pytest.mark.django_db
def test_more_drafts_than_fit_one_statement_keep_their_order() -> None:
    contents = [b"%d" % (n % 230) for n in range(460)]
    with transaction.atomic():
        blobs = store.save([(store.draft(content), 1) for content in contents])
    assert [store.read(blob) for blob in blobs] == contents
    assert set(Blob.objects.values_list("references", flat=True)) == {2}


@pytest.mark.django_db
def test_links_and_releases_are_counted_with_their_repeats() -> None:
    one, two = saved(b"one"), saved(b"two")
    store.link([one.pk, one.pk, two.pk])
    assert (fresh(one).references, fresh(two).references) == (3, 2)
    store.release([one.pk, one.pk, one.pk, two.pk])
    assert (fresh(one).references, fresh(two).references) == (0, 1)
    assert fresh(one).unreferenced_since
    assert fresh(two).unreferenced_since is None
    store.link([one.pk])
    assert fresh(one).unreferenced_since is None


@pytest.mark.django_db(transaction=True)
def test_two_transactions_that_save_the_same_content_at_once_share_a_row() -> None:
    start, failures = threading.Barrier(8), []

    def work(number: int) -> None:
        try:
            drafts = [(store.draft(b"shared %d" % n), 1) for n in (range(40) if number % 2 else reversed(range(40)))]
            start.wait()
            with transaction.atomic():
                store.save(drafts)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert list(Blob.objects.values_list("references", flat=True)) == [8] * 40


@pytest.mark.django_db(transaction=True)
def test_savers_releasers_and_a_sweep_that_meet_crosswise_do_not_lock_each_other_out() -> None:
    start, failures, contents = threading.Barrier(6), [], [b"shared %d" % n for n in range(20)]

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(10):
                chosen = random.Random(number * 100 + turn).sample(contents, 10)
                with transaction.atomic():
                    blobs = store.save([(store.draft(content), 1) for content in chosen])
                assert [store.verify(fresh(blob)) for blob in blobs] == [None] * 10
                with transaction.atomic():
                    store.link([blob.pk for blob in blobs])
                    store.release([blob.pk for blob in blobs] * 2)
                store.sweep(0)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert not Blob.objects.exists()
    assert not Packed.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_sweep_removes_what_nobody_refers_to_after_its_grace() -> None:
    small, large, kept = saved(SMALL), saved(LARGE), saved(b"kept")
    with transaction.atomic():
        store.release([small.pk, large.pk])
    make_old(files.path_of(large.hash))
    assert store.sweep(3600) == 0
    Blob.objects.filter(references=0).update(unreferenced_since=now() - timedelta(hours=2))
    assert store.sweep(3600) == 2
    assert list(Blob.objects.values_list("pk", flat=True)) == [kept.pk]
    assert list(Packed.objects.values_list("pk", flat=True)) == [kept.pk]
    assert not files.path_of(large.hash).exists()


@pytest.mark.django_db(transaction=True)
def test_content_saved_again_before_the_sweep_survives_it() -> None:
    large = saved(LARGE)
    with transaction.atomic():
        store.release([large.pk])
    Blob.objects.update(unreferenced_since=now() - timedelta(hours=2))
    assert saved(LARGE).pk == large.pk
    assert store.sweep(3600) == 0
    assert store.verify(fresh(large)) is None


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_transaction_never_came_is_swept_after_the_grace_and_not_before(blob_dir: Path) -> None:
    lost = store.draft(LARGE)
    kept = saved(LARGE[1:])
    make_old(files.path_of(kept.hash))
    (blob_dir / "tmp" / "half").write_bytes(b"half of an upload")
    assert store.sweep(3600) == 0
    make_old(files.path_of(lost.hash))
    make_old(blob_dir / "tmp" / "half")
    assert store.sweep(3600) == 2
    assert store.verify(fresh(kept)) is None


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_written_again_is_young_again() -> None:
    make_old(files.path_of(store.draft(LARGE).hash))
    again = store.draft(LARGE)
    assert store.sweep(3600) == 0
    assert files.path_of(again.hash).exists()


@pytest.mark.django_db
def test_verify_says_what_is_wrong() -> None:
    blob = saved(LARGE)
    path = files.path_of(blob.hash)
    path.write_bytes(path.read_bytes()[:-100])
    assert "cannot be read" in str(store.verify(blob)) or "bytes and should have" in str(store.verify(blob))
    path.unlink()
    assert "no file" in str(store.verify(blob))
    small = saved(SMALL)
    small.packed.content = store.draft(b"X" + SMALL[1:]).inline
    assert "other bytes" in str(store.verify(small))


FULL_DISK = """
import resource, sys, os, pathlib, django
from django.conf import settings
settings.configure(BLOB_DIR=pathlib.Path(sys.argv[1]), INSTALLED_APPS=["mailsuite.blobs"], USE_TZ=True)
django.setup()
from mailsuite.blobs import store
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
try:
    store.draft(os.urandom(900_000))
except store.NoRoom as error:
    print("no room", error.temporary)
"""


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on file sizes here")
def test_a_full_disk_is_no_room_and_leaves_nothing_behind(blob_dir: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FULL_DISK, blob_dir], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["no", "room", "True"]
    assert not [path for path in blob_dir.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_discarded_writer_leaves_nothing_behind(blob_dir: Path) -> None:
    writer = store.Writer()
    writer.write(LARGE)
    assert list((blob_dir / "tmp").iterdir())
    writer.discard()
    assert not list((blob_dir / "tmp").iterdir())
