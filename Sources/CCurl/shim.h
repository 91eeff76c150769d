#ifndef DH_CCURL_H
#define DH_CCURL_H
#include <curl/curl.h>
#endif
