"""The database of the records: opened, and brought to the newest schema, by any number of processes at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, make_url, text

MIGRATIONS = Path(__file__).parent / "migrations"
WAIT_SECONDS = 30
_LOCK_NUMBER = 5_202_608


class NewerRecordsError(RuntimeError):
    """The records were written by a newer version of this program; the message names both schemas."""


def head() -> str:
    """Give the newest revision there is a file for."""
    return max(path.stem[:5] for path in (MIGRATIONS / "versions").glob("r[0-9]*.py"))


def open_engine(place: str | Path) -> Engine:
    """Open the records at a database URL or an SQLite path, creating or upgrading the schema where needed.

    Raises `NewerRecordsError` where the schema is one this program does not know.
    """
    url = make_url(place) if isinstance(place, str) and "://" in place else make_url(f"sqlite:///{place}")
    if url.get_backend_name() != "sqlite":
        return _pooled(url.render_as_string(hide_password=False))
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return _upgraded(engine)


@cache
def _pooled(url: str) -> Engine:
    """Keep one pool of connections per server and process: records are opened at every run of a page."""
    return _upgraded(create_engine(url, pool_pre_ping=True))


def _upgraded(engine: Engine) -> Engine:
    if _found(engine) != head():
        _upgrade(engine)
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    # SQLite lets a transaction wait for another writer only when it claims the lock before it reads.
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for single statements that neither wait for writers nor hold them up."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def claim(connection: Connection, *subject: str) -> None:
    """Let nobody else claim a subject until this transaction ends, so that what is read in it stays true.

    SQLite has one writer at a time as it is; on PostgreSQL rows that are not there yet cannot be locked, a name can.
    """
    if connection.dialect.name == "postgresql":
        wait = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
        connection.execute(wait, {"subject": "\n".join(subject)})


def _found(engine: Engine) -> str:
    with reading(engine) as connection:
        return _revision(connection)


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
        found = _revision(connection)
        if found > head():
            raise NewerRecordsError(f"records are at {found}, this program knows {head()}")
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
