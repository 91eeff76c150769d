#ifndef DH_CSQLITE_H
#define DH_CSQLITE_H
#include <sqlite3.h>
#endif
