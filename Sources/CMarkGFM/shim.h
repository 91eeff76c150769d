#ifndef DH_CMARKGFM_H
#define DH_CMARKGFM_H
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#endif
