#ifndef DH_COPENSSL_H
#define DH_COPENSSL_H
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

/* OPENSSL_free is a macro. */
static inline void dh_openssl_free(void *memory) { OPENSSL_free(memory); }
#endif
