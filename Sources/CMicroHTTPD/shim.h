#ifndef DH_CMICROHTTPD_H
#define DH_CMICROHTTPD_H
#include <microhttpd.h>
#endif
