/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Random bytes, digests, comparison and wiping, on OpenSSL.
 */

#ifndef IO_CRYPTO_H
#define IO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/errtext.h"

enum { CRYPTO_SHA256_LEN = 32 };

/*
 * Start the library without its configuration file, whose engines and
 * providers an authorization server must not load by surprise.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int crypto_init(struct errtext *why);

/*
 * Set the reason to what failed and why the library says it did; empties its
 * queue of errors.  For the files beside this one.
 *
 * Returns -1 always.
 */
int crypto_fail(struct errtext *why, const char *what);

/*
 * The kernel's generator: it has no state in the process to be seeded, copied
 * or leaked, and is the faster one.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int crypto_random(void *buf, size_t len, struct errtext *why);

void crypto_sha256(const void *in, size_t len,
                   unsigned char digest[CRYPTO_SHA256_LEN]);

/* Whether the bytes are equal, in a time that depends on len alone. */
bool crypto_equal(const void *a, const void *b, size_t len);

/*
 * For what reads PEM: nobody is asked for a passphrase.  Returns -1 always.
 */
int crypto_no_passphrase(char *buf, int cap, int writing, void *arg);

/* Wipe, whatever the optimiser thinks of it. */
void crypto_wipe(void *buf, size_t len);

#endif /* IO_CRYPTO_H */
