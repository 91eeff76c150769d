#ifndef DH_CCRYPT_H
#define DH_CCRYPT_H
#include <crypt.h>
#include <stdlib.h>
#endif
