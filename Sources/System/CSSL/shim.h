#pragma once
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// An encrypted key is refused: OpenSSL would ask for its passphrase on the terminal. Notes that it wanted to.
static int sevk_no_passphrase(char *buffer, int size, int writing, void *was_asked) {
  (void)buffer, (void)size, (void)writing;
  if (was_asked) *(int *)was_asked = 1;
  return 0;
}

static inline void sevk_tls_defaults(SSL_CTX *context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_default_passwd_cb(context, sevk_no_passphrase);
}

// As SSL_CTX_use_PrivateKey_file; also whether the key has a passphrase.
static inline int sevk_tls_use_key(SSL_CTX *context, const char *path, int *is_locked) {
  SSL_CTX_set_default_passwd_cb_userdata(context, is_locked);
  int used = SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
  return used;
}

static inline long sevk_tls_set_server_name(SSL *ssl, const char *name) { return SSL_set_tlsext_host_name(ssl, name); }
static inline int sevk_tls_error_library(unsigned long error) { return ERR_GET_LIB(error); }
static inline int sevk_tls_error_reason(unsigned long error) { return ERR_GET_REASON(error); }
