#pragma once
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

// EVP_CTRL_* and the key sizes are macros; these spell out the only uses.
static inline int sevk_gcm_set_tag(EVP_CIPHER_CTX *context, void *tag, int bytes) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, bytes, tag);
}

static inline int sevk_gcm_get_tag(EVP_CIPHER_CTX *context, void *tag, int bytes) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, bytes, tag);
}
