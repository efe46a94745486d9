/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * This server's signing keys, as a process has them: which one signs, which
 * are published, which verify, as time goes on and as the store changes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/keyrec.h"
#include "fake_store.h"
#include "io/crypto.h"
#include "keyring.h"
#include "tap.h"
#include "world.h"

static struct world world;
static struct errtext why;

/* Make a key of those times and store it. */
static void
make(struct keyrec *rec, enum jose_alg alg, int64_t from, int64_t until,
     int64_t publish)
{
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    size_t len = 0;
    char *text;

    memset(rec, 0, sizeof(*rec));
    if (keys_make(alg, rec, pkcs8, &len, &why) != 0
        || vault_seal(world.service.vault, rec->kid, pkcs8, len, rec->sealed,
                      &why)
               != 0)
        exit(EXIT_FAILURE);
    rec->sealed_len = len + VAULT_SEAL_EXTRA;
    rec->created = rec->signs_from = from;
    rec->signs_until = until;
    rec->publish_until = publish;
    text = keyrec_dump(rec);
    fake_store_put(STORE_KEYS, rec->kid, text);
    free(text);
}

static void
put(const struct keyrec *rec)
{
    char *text = keyrec_dump(rec);

    fake_store_put(STORE_KEYS, rec->kid, text);
    free(text);
}

static const char *
signer_at(enum jose_alg alg, int64_t now)
{
    const struct keyring_key *key =
        keyring_signer(world.service.keyring, alg, now, &why);

    return key != NULL ? key->kid : "-";
}

static bool
is_published(const struct keyrec *rec, int64_t now)
{
    size_t len = 0;
    const char *set = keyring_jwks(world.service.keyring, now, &len, &why);

    return set != NULL && strlen(set) == len
           && strstr(set, rec->kid) != NULL;
}

/* 1, 0 or -1: whether the key of that kid verifies what key signed. */
static int
verifies(const char *kid, const struct keyrec *rec, int64_t now)
{
    struct keyring *keyring = world.service.keyring;
    const struct keyring_key *key =
        keyring_signer(keyring, rec->alg, rec->signs_from, &why);
    enum jose_alg alg = JOSE_NONE;
    struct verifier *verifier = NULL;
    unsigned char sig[JOSE_SIG_MAX];
    size_t len = 0;
    int rc;

    if (key == NULL || signer_sign(key->signer, "text", 4, sig, &len, &why))
        return -2;
    rc = keyring_verifier(keyring, kid, now, &alg, &verifier, &why);
    if (rc != 1)
        return rc;
    return alg != rec->alg
               ? -3
               : verifier_check(verifier, alg, "text", 4, sig, len, &why);
}

static void
test_empty(void)
{
    enum jose_alg alg;
    struct verifier *verifier;
    size_t len = 0;
    const char *set;

    tap_is_str("-", signer_at(JOSE_ES256, 1000), "without keys none signs");
    tap_ok(strstr(why.text, "ccgrant key add --alg ES256") != NULL,
           "the reason has the cure");
    set = keyring_jwks(world.service.keyring, 1000, &len, &why);
    tap_is_str("{\"keys\":[]}", set, "the set is empty");
    tap_is_int(0, keyring_verifier(world.service.keyring, "x", 1000, &alg,
                                   &verifier, &why),
               "and no kid is known");
}

static void
test_time(void)
{
    struct keyrec a, b;

    make(&a, JOSE_ES256, 1000, 2000, 3000);
    make(&b, JOSE_ES256, 2000, 0, 0);
    tap_is_str("-", signer_at(JOSE_ES256, 999), "none signs before its time");
    tap_is_str(a.kid, signer_at(JOSE_ES256, 1000), "the first signs");
    tap_is_str(a.kid, signer_at(JOSE_ES256, 1999), "to its last second");
    tap_is_str(b.kid, signer_at(JOSE_ES256, 2000), "then the second");
    tap_is_str(b.kid, signer_at(JOSE_ES256, INT64_MAX), "for ever");
    tap_is_str("-", signer_at(JOSE_EDDSA, 2000), "of no other algorithm");
    tap_ok(is_published(&a, 0) && is_published(&b, 0), "both are published");
    tap_ok(is_published(&a, 2999), "the first to its last second");
    tap_ok(!is_published(&a, 3000) && is_published(&b, 3000),
           "and then no longer, the second is");
    tap_is_int(1, verifies(a.kid, &a, 2999), "it verifies to its last second");
    tap_is_int(0, verifies(a.kid, &a, 3000), "and then no longer");
    tap_ok(strstr(why.text, "published") != NULL, "for that reason");
    tap_is_int(1, verifies(b.kid, &b, 0), "a key verifies before it signs");
    tap_is_int(0, verifies(b.kid, &a, 2500),
               "one does not verify what another signed");
    tap_is_int(0, verifies("", &a, 2500), "no kid is no key");
    fake_store_put(STORE_KEYS, a.kid, NULL);
    tap_is_int(0, verifies(a.kid, &b, 2500), "a removed key verifies nothing");
    tap_ok(!is_published(&a, 2500), "and is not published");
    fake_store_put(STORE_KEYS, b.kid, NULL);
}

/* What the command does while a server runs. */
static void
test_change(void)
{
    struct keyrec a, b;
    char kid[KEYREC_KID_MAX];

    make(&a, JOSE_ES256, 1000, 0, 0);
    snprintf(kid, sizeof(kid), "%s", signer_at(JOSE_ES256, 1500));
    tap_is_str(a.kid, kid, "one key signs");
    make(&b, JOSE_ES256, 1500, 0, 0);
    tap_is_str(b.kid, signer_at(JOSE_ES256, 1500),
               "a new one signs at the next request");
    a.signs_until = 1500;
    a.publish_until = 1600;
    put(&a);
    tap_ok(is_published(&a, 1599) && !is_published(&a, 1600),
           "the end of the old one is known at once");
    b.signs_from = 1700;
    put(&b);
    tap_is_str("-", signer_at(JOSE_ES256, 1500), "so is a new beginning");
    fake_store_put(STORE_KEYS, a.kid, NULL);
    fake_store_put(STORE_KEYS, b.kid, NULL);
}

static void
test_algorithms(void)
{
    static const enum jose_alg algs[] = {JOSE_ES256, JOSE_ES384, JOSE_RS256,
                                         JOSE_PS256, JOSE_EDDSA};
    enum { N = sizeof(algs) / sizeof(algs[0]) };
    static struct keyrec keys[N];
    size_t i;

    for (i = 0; i < N; i++)
        make(&keys[i], algs[i], 1000, 0, 0);
    for (i = 0; i < N; i++) {
        const char *name = jose_name(algs[i]);

        tap_is_str(keys[i].kid, signer_at(algs[i], 1000),
                   "%s: its own key signs beside the others", name);
        tap_is_int(1, verifies(keys[i].kid, &keys[i], 1000),
                   "%s: its own key verifies", name);
        tap_ok(verifies(keys[(i + 1) % N].kid, &keys[i], 1000) != 1,
               "%s: another's does not", name);
    }
    for (i = 0; i < N; i++)
        fake_store_put(STORE_KEYS, keys[i].kid, NULL);
}

static void
test_faults(void)
{
    enum jose_alg alg;
    struct verifier *verifier;
    struct keyrec key, other;
    size_t len;

    make(&key, JOSE_ES256, 1000, 0, 0);
    fake_store_break(true);
    tap_is_str("-", signer_at(JOSE_ES256, 1000),
               "none signs while the store is broken");
    tap_ok(keyring_jwks(world.service.keyring, 1000, &len, &why) == NULL,
           "there is no set");
    tap_is_int(-1, keyring_verifier(world.service.keyring, key.kid, 1000,
                                    &alg, &verifier, &why),
               "that no key verifies is a failure, not an answer");
    fake_store_break(false);
    tap_is_str(key.kid, signer_at(JOSE_ES256, 1000), "all is well after it");
    make(&other, JOSE_ES256, 2000, 0, 0);
    other.sealed[0] ^= 1;
    put(&other);
    tap_is_str(key.kid, signer_at(JOSE_ES256, 1000),
               "a key that cannot be unsealed harms no other");
    tap_is_str("-", signer_at(JOSE_ES256, 2000), "but does not sign");
    tap_ok(strstr(why.text, other.kid) != NULL, "the reason names it");
    snprintf(other.jwk, sizeof(other.jwk),
             "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"eHg\",\"y\":\"eXk\","
             "\"alg\":\"ES256\",\"kid\":\"%s\"}",
             other.kid);
    put(&other);
    tap_is_int(-1, keyring_verifier(world.service.keyring, other.kid, 1000,
                                    &alg, &verifier, &why),
               "a public key that is none is a failure");
    tap_ok(strstr(why.text, other.kid) != NULL, "the reason names it, too");
    fake_store_put(STORE_KEYS, other.kid, "{}");
    tap_is_str(key.kid, signer_at(JOSE_ES256, 1000),
               "a record that cannot be read stops no other");
    tap_ok(is_published(&key, 1000) && !is_published(&other, 1000),
           "which is published, and it is not");
    tap_is_int(0, keyring_verifier(world.service.keyring, other.kid, 1000,
                                   &alg, &verifier, &why),
               "it verifies nothing");
    tap_ok(keyring_trouble(world.service.keyring, &why)
               && strstr(why.text, other.kid) != NULL
               && strstr(why.text, "ccgrant key retire") != NULL,
           "and is told of with the cure");
    tap_ok(!keyring_trouble(world.service.keyring, &why), "once");
    fake_store_put(STORE_KEYS, key.kid, NULL);
    tap_is_str("-", signer_at(JOSE_ES256, 1000), "alone it does not sign");
    tap_ok(strstr(why.text, other.kid) != NULL
               && strstr(why.text, "ccgrant key add --alg ES256") != NULL,
           "for both reasons");
    fake_store_put(STORE_KEYS, other.kid, NULL);
    tap_is_str("-", signer_at(JOSE_ES256, 1000), "when it is gone");
    tap_ok(!keyring_trouble(world.service.keyring, &why),
           "there is no trouble");
}

/* KEYRING_MAX, and one more while one is retired. */
static void
test_limit(void)
{
    static struct keyrec keys[KEYRING_MAX + 2];
    size_t i;

    for (i = 0; i < KEYRING_MAX + 1; i++)
        make(&keys[i], JOSE_ES256, 1000 + (int64_t) i, 0, 0);
    tap_is_str(keys[KEYRING_MAX].kid, signer_at(JOSE_ES256, 9999),
               "the most keys, and one more");
    tap_ok(is_published(&keys[0], 9999) && is_published(&keys[KEYRING_MAX],
                                                        9999),
           "are all published");
    make(&keys[KEYRING_MAX + 1], JOSE_ES256, 5000, 0, 0);
    tap_is_str("-", signer_at(JOSE_ES256, 9999), "two more are refused");
    for (i = 0; i < KEYRING_MAX + 2; i++)
        fake_store_put(STORE_KEYS, keys[i].kid, NULL);
}

int
main(void)
{
    world_open(&world);
    test_empty();
    test_time();
    test_change();
    test_algorithms();
    test_faults();
    test_limit();
    world_close(&world);
    return tap_done();
}
