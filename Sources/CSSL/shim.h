// SPDX-License-Identifier: Apache-2.0
// The part of libssl that TLSClient uses; nothing else may include or import it. Macros become functions.
#ifndef CSSL_SHIM_H
#define CSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static inline int rp_only_tls13(SSL_CTX *context) {
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1
      && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1;
}

static inline int rp_announce(SSL *connection, const char *name) {
  return SSL_set_tlsext_host_name(connection, name) == 1;
}

static inline void rp_keep_no_session(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int rp_reason(unsigned long error) { return ERR_GET_REASON(error); }

#endif
