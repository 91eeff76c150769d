// SQLite as Swift sees it: inline functions for what the importer cannot read (variadic calls, cast macros).
// Source: https://sqlite.org/c3ref/intro.html
#ifndef DH_CSQLITE_H
#define DH_CSQLITE_H
#include <sqlite3.h>

static inline int dh_sqlite3_config_flag(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}
// An empty Swift buffer may have no address, which SQLite would take for null.
static inline int dh_sqlite3_bind_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(
        statement, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline int dh_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}
#endif
