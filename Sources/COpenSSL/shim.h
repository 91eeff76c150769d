#ifndef DH_COPENSSL_H
#define DH_COPENSSL_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* Keys a context for HMAC-SHA-256 (EVP_MAC-HMAC(7)). Here, because parameters keep pointers to their names, and those that
   Swift makes of a text are gone after the call. */
static inline int dh_hmac_sha256_init(EVP_MAC_CTX *context, const unsigned char *key, size_t length) {
    OSSL_PARAM parameters[2];
    parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0);
    parameters[1] = OSSL_PARAM_construct_end();
    return EVP_MAC_init(context, key, length, parameters);
}

/* OPENSSL_free is a macro. */
static inline void dh_openssl_free(void *memory) { OPENSSL_free(memory); }
#endif
