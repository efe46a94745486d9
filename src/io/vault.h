/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * master.key and what is derived from it.
 *
 * master.key holds 32 random bytes beside the environment, never inside it.
 * HKDF-SHA-256 (RFC 5869) gives one key per use.  A stolen copy of the
 * database alone signs and authenticates nothing.
 */

#ifndef IO_VAULT_H
#define IO_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"

enum {
    VAULT_MAC_LEN = 32,
    VAULT_SEAL_EXTRA = 28,      /* bytes: nonce of 12, tag of 16 after */
    VAULT_NONCE_TEXT_MAX = 24,
    VAULT_SECRET_TEXT_MAX = 80, /* a generated secret and its terminator */
};

struct vault;

/* Make master.key in dir.  Returns 0, or -1; an existing file is refused. */
int vault_create(const char *dir, struct errtext *why);

/*
 * Read master.key of dir.  Refuses a wrong owner, mode, kind or size.
 *
 * Returns 0 with *vault, which the caller closes with vault_close(), or -1
 * with the reason and the cure in *why.
 */
int vault_open(struct vault **vault, const char *dir, struct errtext *why);

/*
 * The same with the bytes of a master.key that is elsewhere, in a backup.
 */
int vault_load(struct vault **vault, const void *master, size_t len,
               struct errtext *why);

/*
 * Seal with AES-256-GCM; name is authenticated with it, so that a sealed
 * value cannot be moved to another record.  out takes len + VAULT_SEAL_EXTRA.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_seal(struct vault *vault, const char *name, const void *in,
               size_t len, unsigned char *out, struct errtext *why);

/*
 * The reverse; out takes len - VAULT_SEAL_EXTRA bytes and is wiped on
 * failure.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_unseal(struct vault *vault, const char *name,
                 const unsigned char *in, size_t len, unsigned char *out,
                 struct errtext *why);

/*
 * Make a secret (RFC 6749, 10.10): "ccgs_", 43 characters of base64url for
 * 256 random bits, 6 for a checksum over all before it (the first 4 bytes of
 * its SHA-256), unreserved characters only.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_new_secret(char text[VAULT_SECRET_TEXT_MAX], struct errtext *why);

/*
 * Make a secret that can also key HMAC with SHA-512, for which 64 characters
 * are the least (RFC 7518, 3.2): the same, with the 256 random bits as 64
 * characters of hexadecimal.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_new_hmac_secret(char text[VAULT_SECRET_TEXT_MAX],
                          struct errtext *why);

/*
 * The stored form of a generated secret: HMAC-SHA-256 over the client id, a
 * zero byte and the secret.  Microseconds.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_mac_secret(struct vault *vault, const char *client_id,
                     const char *secret, size_t len,
                     unsigned char mac[VAULT_MAC_LEN], struct errtext *why);

/*
 * The stored form of a secret that a person chose: scrypt (RFC 7914) with
 * N=2^14, r=8, p=1 and a salt derived from master.key and the client id, so
 * that one run serves all secrets of a client.  Tens of milliseconds.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_scrypt_secret(struct vault *vault, const char *client_id,
                        const char *secret, size_t len,
                        unsigned char digest[VAULT_MAC_LEN],
                        struct errtext *why);

/*
 * The nonce of a step of time (RFC 9449, 8): 128 bits derived from master.key
 * and the number, in base64url.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int vault_nonce(struct vault *vault, int64_t step,
                char nonce[VAULT_NONCE_TEXT_MAX], struct errtext *why);

/* Wipes and frees.  NULL is allowed. */
void vault_close(struct vault *vault);

#endif /* IO_VAULT_H */
