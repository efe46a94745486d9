/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The keys of proofs: what they verify, how long they stay, and which of them
 * are made faster.  The linker puts counters before the verifier.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/crypto.h"
#include "io/keys.h"
#include "io/verifier.h"
#include "proofkeys.h"
#include "tap.h"
#include "warm.h"

static const char INPUT[] = "eyJhbGciOiJFUzI1NiJ9.e30";

enum { REAL = 2, KEYS_N = PROOFKEYS_MAX + 2 };

/* A key and a signature by it over INPUT. */
struct key {
    struct jwk jwk;
    struct jws jws;
    char kid[KEYREC_KID_MAX];
};

static struct key keys[KEYS_N];
static struct errtext why;
static char jkt[BINDING_TEXT_MAX];
static int loads, warms;
static int answer = REAL; /* of the verifier, or REAL: its own */

int __wrap_verifier_load(struct verifier **verifier, const struct jwk *jwk,
                         struct errtext *reason);
int __real_verifier_load(struct verifier **verifier, const struct jwk *jwk,
                         struct errtext *reason);
int __wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *reason);
int __real_verifier_check(struct verifier *verifier, enum jose_alg alg,
                          const void *in, size_t len,
                          const unsigned char *sig, size_t sig_len,
                          struct errtext *reason);
bool __wrap_verifier_warm(struct verifier *verifier, const struct jwk *jwk);
bool __real_verifier_warm(struct verifier *verifier, const struct jwk *jwk);

int
__wrap_verifier_load(struct verifier **verifier, const struct jwk *jwk,
                     struct errtext *reason)
{
    loads++;
    return __real_verifier_load(verifier, jwk, reason);
}

int
__wrap_verifier_check(struct verifier *verifier, enum jose_alg alg,
                      const void *in, size_t len, const unsigned char *sig,
                      size_t sig_len, struct errtext *reason)
{
    if (answer == REAL)
        return __real_verifier_check(verifier, alg, in, len, sig, sig_len,
                                     reason);
    if (answer < 0)
        errtext_set(reason, "the verifier of the test is broken");
    return answer;
}

/* Only the first is really made faster, which takes long. */
bool
__wrap_verifier_warm(struct verifier *verifier, const struct jwk *jwk)
{
    if (warms++ > 0 && jwk->type == JWK_P256)
        return true;
    return __real_verifier_warm(verifier, jwk);
}

static void
make_key(struct key *key, enum jose_alg alg)
{
    unsigned char pkcs8[KEYS_PRIVATE_MAX];
    struct signer *signer = NULL;
    struct jwk *jwk = NULL;
    struct keyrec rec;
    size_t len;

    memset(key, 0, sizeof(*key));
    key->jws.alg = alg;
    key->jws.input = INPUT;
    key->jws.input_len = strlen(INPUT);
    tap_must(keys_make(alg, &rec, pkcs8, &len, &why) == 0
                 && jwk_set_read(&jwk, rec.jwk, strlen(rec.jwk), true, &why)
                        == 1
                 && signer_load(&signer, alg, pkcs8, len, &why) == 0
                 && signer_sign(signer, INPUT, strlen(INPUT), key->jws.sig,
                                &key->jws.sig_len, &why)
                        == 0,
             why.text);
    key->jwk = *jwk;
    snprintf(key->kid, sizeof(key->kid), "%s", rec.kid);
    free(jwk);
    signer_free(signer);
}

/* Verify, and say whether the key had to be loaded. */
static int
verify(struct proofkeys *proofkeys, const struct key *key)
{
    loads = 0;
    why.text[0] = '\0';
    return proofkeys_verify(proofkeys, &key->jwk, &key->jws, jkt, &why);
}

static void
test_types(void)
{
    static const enum jose_alg algs[] = {JOSE_ES256, JOSE_ES384, JOSE_RS256,
                                         JOSE_PS256, JOSE_EDDSA};
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    struct key key;
    size_t i;

    for (i = 0; i < LEN(algs); i++) {
        const char *name = jose_name(algs[i]);

        make_key(&key, algs[i]);
        tap_is_int(1, verify(proofkeys, &key), "%s: a good signature", name);
        tap_is_str(key.kid, jkt, "%s: the name is the thumbprint", name);
        tap_is_int(1, loads, "%s: the key is readied", name);
        tap_is_int(1, verify(proofkeys, &key), "%s: it is good again", name);
        tap_is_int(0, loads, "%s: the key was ready", name);
        key.jws.sig[5] ^= 1;
        tap_is_int(0, verify(proofkeys, &key), "%s: a bit is wrong", name);
        tap_ok(why.text[0] != '\0', "%s: and there is a reason", name);
        key.jws.sig[5] ^= 1;
        key.jws.input = "eyJhbGciOiJFUzI1NiJ9.e31";
        tap_is_int(0, verify(proofkeys, &key), "%s: another text", name);
    }
    proofkeys_close(proofkeys);
}

static void
test_refusals(void)
{
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    struct key key = keys[0];

    key.jwk = keys[1].jwk;
    tap_is_int(0, verify(proofkeys, &key), "the signature of another key");
    tap_ok(strstr(why.text, "not by the key") != NULL, "says so");
    key = keys[0];
    key.jws.alg = JOSE_ES384;
    tap_is_int(0, verify(proofkeys, &key), "an alg that is not for the key");
    key = keys[0];
    key.jws.sig_len--;
    tap_is_int(0, verify(proofkeys, &key), "a signature cut short");
    key = keys[0];
    key.jwk.y[31] ^= 1;
    tap_is_int(0, verify(proofkeys, &key), "a point off the curve");
    tap_ok(why.text[0] != '\0', "has a reason");
    tap_is_int(0, verify(proofkeys, &key), "and is no key the next time");
    memset(&key.jwk.x, 0, sizeof(key.jwk.x));
    memset(&key.jwk.y, 0, sizeof(key.jwk.y));
    tap_is_int(0, verify(proofkeys, &key), "a point of zeros");
    answer = -1;
    tap_is_int(-1, verify(proofkeys, &keys[0]), "OpenSSL fails");
    tap_ok(why.text[0] != '\0', "with a reason");
    answer = REAL;
    tap_is_int(1, verify(proofkeys, &keys[0]), "the key itself is good");
    answer = -1;
    tap_is_int(-1, verify(proofkeys, &keys[0]),
               "OpenSSL fails with a key that was ready");
    answer = REAL;
    tap_is_int(1, verify(proofkeys, &keys[0]), "which is good after it");
    tap_is_int(0, loads, "and still ready");
    proofkeys_close(proofkeys);
    proofkeys_close(NULL);
}

/* What jwk_write() would add to a key does not make it another. */
static void
test_same_key(void)
{
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    struct key key = keys[0];

    verify(proofkeys, &key);
    snprintf(key.jwk.kid, sizeof(key.jwk.kid), "another");
    key.jwk.alg = JOSE_NONE;
    tap_is_int(1, verify(proofkeys, &key), "a key with another kid");
    tap_is_int(0, loads, "is the same key");
    tap_is_str(keys[0].kid, jkt, "with the same name");
    proofkeys_close(proofkeys);
}

static void
test_eviction(void)
{
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    struct key bad;
    int i, n = 0;

    for (i = 0; i < PROOFKEYS_MAX; i++)
        n += verify(proofkeys, &keys[i]) == 1 && loads == 1;
    tap_is_int(PROOFKEYS_MAX, n, "as many keys as there is room for");
    for (i = 0, n = 0; i < PROOFKEYS_MAX; i++)
        n += verify(proofkeys, &keys[i]) == 1 && loads == 0;
    tap_is_int(PROOFKEYS_MAX, n, "stay ready");
    bad = keys[PROOFKEYS_MAX];
    bad.jws.sig[5] ^= 1;
    tap_is_int(0, verify(proofkeys, &bad), "a key that proves nothing");
    tap_is_int(0, verify(proofkeys, &bad), "again");
    tap_is_int(1, loads, "is not kept");
    tap_ok(verify(proofkeys, &keys[0]) == 1 && loads == 0,
           "and drives out none, not the one unused for longest");
    tap_ok(verify(proofkeys, &keys[PROOFKEYS_MAX]) == 1 && loads == 1,
           "one key more");
    tap_ok(verify(proofkeys, &keys[0]) == 1 && loads == 0,
           "does not drive out what was used just before");
    tap_ok(verify(proofkeys, &keys[1]) == 1 && loads == 1,
           "but what was not used for longest");
    tap_ok(verify(proofkeys, &keys[2]) == 1 && loads == 1,
           "which then drives out the next");
    tap_ok(verify(proofkeys, &keys[PROOFKEYS_MAX]) == 1 && loads == 0,
           "the others stay");
    proofkeys_close(proofkeys);
}

static int
use(struct proofkeys *proofkeys, const struct key *key, int n)
{
    int good = 0;

    for (; n > 0; n--)
        good += verify(proofkeys, key) == 1;
    return good;
}

static void
test_warming(void)
{
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    int i;

    warms = 0;
    answer = 0;
    use(proofkeys, &keys[0], 2 * WARM_AFTER);
    answer = 1;
    use(proofkeys, &keys[0], WARM_AFTER - 1);
    tap_is_int(0, warms, "a key is not warmed before its time, nor for what "
                         "is no signature");
    use(proofkeys, &keys[0], WARM_AFTER + 1);
    tap_is_int(1, warms, "it is, once");
    tap_is_int(1, warm, "and counted");
    answer = REAL;
    tap_is_int(1, verify(proofkeys, &keys[0]), "it still verifies");
    answer = 1;
    for (i = 1; i <= PROOFKEYS_MAX; i++)
        verify(proofkeys, &keys[i]);
    tap_is_int(0, warm, "driven out, it counts no more");
    use(proofkeys, &keys[0], WARM_AFTER - 1);
    tap_is_int(0, warm, "back again, it begins anew");
    for (i = 0; i <= WARM_MAX; i++)
        use(proofkeys, &keys[i], WARM_AFTER);
    tap_is_int(WARM_MAX, warm, "no more are warmed than a process may have");
    tap_is_int(1 + WARM_MAX, warms, "nor tried");
    proofkeys_close(proofkeys);
    tap_is_int(0, warm, "closed, none is left");
    answer = REAL;
}

static void
test_cold(void)
{
    unsigned warm = 0;
    struct proofkeys *proofkeys = proofkeys_open(&warm);
    struct key key;

    make_key(&key, JOSE_EDDSA);
    answer = 1;
    use(proofkeys, &key, WARM_AFTER);
    tap_is_int(0, warm, "a key that cannot be warmed is not counted");
    answer = REAL;
    proofkeys_close(proofkeys);
}

int
main(void)
{
    size_t i;

    if (crypto_init(&why) != 0)
        return EXIT_FAILURE;
    for (i = 0; i < KEYS_N; i++)
        make_key(&keys[i], JOSE_ES256);
    test_types();
    test_refusals();
    test_same_key();
    test_eviction();
    test_warming();
    test_cold();
    return tap_done();
}
