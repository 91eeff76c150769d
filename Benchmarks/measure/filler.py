"""Many finished tickets at once: copies of a real one, written into the store of a stopped server."""
import sqlite3

from .bench import Broken


def fill(server, session, count, sessions=1):
    """Gives `session` (or `sessions` of that name with a number) `count` copies of its ticket 1 in all.

    The ticket was run by the server, so each copy has every column of a real row; number, key and the folder differ.
    """
    files = [file for file in server.data.rglob("*") if _is_store(file)]
    if len(files) != 1:
        raise Broken(f"The store is not one file with a table of tickets: {files}")
    store = sqlite3.connect(files[0], isolation_level=None)
    try:
        store.execute("pragma synchronous = off")
        columns = [row[1] for row in store.execute("pragma table_info(tickets)")]
        store.execute("begin immediate")
        source = store.execute(
            "select t.id, s.id from tickets t join sessions s on s.id = t.session_id where s.name = ? and t.number = 1",
            (session,)).fetchone()
        if source is None:
            raise Broken(f"Session {session} has no ticket 1 to copy.")
        targets = [source[1]] + _more_sessions(store, source[1], session, sessions - 1)
        each = count // sessions
        for target in targets:
            last = store.execute("select last_number from sessions where id = ?", (target,)).fetchone()[0]
            values = {
                "id": f"{target} * 4294967296 + n", "session_id": str(target), "number": "n", "key": "null",
                # A microsecond apart, so that the indexes over times are what they would be.
                "created": "created + n", "ended": "ended + n",
            }
            store.execute(
                f"insert into tickets ({', '.join(columns)}) "
                f"with recursive numbers(n) as (select {last + 1} union all select n + 1 from numbers where n < {last + each}) "
                f"select {', '.join(values.get(name, name) for name in columns)} from tickets, numbers where id = {source[0]}")
            store.execute("update sessions set last_number = ? where id = ?", (last + each, target))
        kept = store.execute("select coalesce(sum(kept_bytes), 0) from tickets").fetchone()[0]
        store.execute("update counters set value = ? where name = 'kept_bytes'", (kept,))
        store.execute("commit")
        store.execute("pragma wal_checkpoint(truncate)")
    except sqlite3.Error as error:
        raise Broken(f"The store could not be filled; has its schema changed? {error}")
    finally:
        store.close()


def _is_store(file):
    if not file.is_file() or file.stat().st_size == 0 or file.suffix in (".wal", ".shm"):
        return False
    with open(file, "rb") as opened:
        if opened.read(15) != b"SQLite format 3":
            return False
    store = sqlite3.connect(file)
    found = store.execute("select count(*) from sqlite_master where name = 'tickets'").fetchone()[0]
    store.close()
    return found == 1


def _more_sessions(store, source, name, count):
    columns = [row[1] for row in store.execute("pragma table_info(sessions)")]
    made = []
    for number in range(count):
        values = {"id": "null", "name": f"'{name}-{number}'", "last_number": "0"}
        made.append(
            store.execute(
                f"insert into sessions ({', '.join(columns)}) "
                f"select {', '.join(values.get(column, column) for column in columns)} from sessions where id = ?",
                (source,)).lastrowid)
    return made
