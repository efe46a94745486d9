/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant key retire: a signing key that may be known to others.
 *
 * The key that takes over is there before this one goes, and the record goes
 * last: who is interrupted says the same again.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "ctl_key.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "revocation.h"

struct retirement {
    struct ctl *ctl;
    struct ctl_keys keys; /* without the one that goes, once it is chosen */
    struct keyrec key;    /* which that is */
    bool signs;           /* it is the one that signs */
    bool is_broken;       /* its record cannot be read, and goes as it is */
    char next[KEYREC_KID_MAX]; /* that signs in its place from now on, or "" */
};

static int choose(struct retirement *ret, struct errtext *why);
static int ask(const struct retirement *ret, struct errtext *why);
static int retire(struct retirement *ret, struct errtext *why);
static int replace(struct retirement *ret, struct errtext *why);
static void print(const struct retirement *ret);

int
ctl_key_retire(struct ctl *ctl, struct errtext *why)
{
    struct retirement ret = {.ctl = ctl};
    int rc = -1;

    if (ctl_record_open(ctl, why) == 0 && choose(&ret, why) == 0
        && ask(&ret, why) == 0 && ctl_key_lock(ctl, why) == 0
        && choose(&ret, why) == 0)
        rc = ret.is_broken ? ctl_key_remove(ctl, &ret.keys, ctl->args[0], why)
                           : retire(&ret, why);
    if (rc == 0)
        print(&ret);
    ctl_key_free(&ret.keys);
    if (rc == 0)
        rc = revocation_publish(&ctl->service, ctl->now, why);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

/* A record that was left out when the keys were read. */
static int
find_broken(struct retirement *ret, struct errtext *why)
{
    const char *kid = ret->ctl->args[0];
    char text[STORE_VALUE_MAX + 1];
    size_t len;
    int rc = store_get(ret->ctl->service.store, STORE_KEYS, kid, text,
                       sizeof(text), &len, why);

    if (rc == 0)
        return errtext_set(why, "there is no signing key \"%.64s\": ccgrant "
                                "key list",
                           kid);
    ret->is_broken = rc == 1;
    return rc == 1 ? 0 : -1;
}

/* Read the keys anew, and find the one. */
static int
choose(struct retirement *ret, struct errtext *why)
{
    const char *kid = ret->ctl->args[0];
    const struct keyrec *key;

    ctl_key_free(&ret->keys);
    if (ctl_key_read(ret->ctl, &ret->keys, why) != 0)
        return -1;
    key = ctl_key_find(&ret->keys, kid);
    if (key == NULL)
        return find_broken(ret, why);
    ret->key = *key;
    ret->signs = keylife_state(key, ret->keys.recs, ret->keys.n,
                               ret->ctl->now)
                 == KEYLIFE_SIGNING;
    return 0;
}

static int
ask(const struct retirement *ret, struct errtext *why)
{
    char question[320];

    if (ret->is_broken) {
        snprintf(question, sizeof(question),
                 "The record of the signing key %.64s cannot be read: no "
                 "token that it signed is good here.  Remove it for good?",
                 ret->ctl->args[0]);
        return ctl_out_confirm(ret->ctl, question, why);
    }
    snprintf(question, sizeof(question),
             "The tokens that the %s key %s signed are refused from now on "
             "where this server is asked, and elsewhere as soon as the key "
             "set is fetched anew.  Retire %s?",
             jose_name(ret->key.alg), ret->key.kid,
             ret->signs ? "the key that signs now" : "this key");
    return ctl_out_confirm(ret->ctl, question, why);
}

/* Whether any token is to be signed with the algorithm. */
static int
is_used(struct retirement *ret, bool *used, struct errtext *why)
{
    enum jose_alg algs[JOSE__MAX];
    size_t i, n;

    *used = false;
    if (ctl_key_algs(ret->ctl, algs, &n, why) != 0)
        return -1;
    for (i = 0; i < n; i++) {
        if (algs[i] == ret->key.alg)
            *used = true;
    }
    return 0;
}

static int
retire(struct retirement *ret, struct errtext *why)
{
    struct keyrec *key;
    bool used;

    /* What it has ended stays so: those before it do not sign again. */
    if (is_used(ret, &used, why) != 0
        || ctl_key_settle(ret->ctl, &ret->keys, why) != 0)
        return -1;
    key = ctl_key_find(&ret->keys, ret->key.kid);
    ret->keys.n--;
    memmove(key, key + 1, (size_t) (ret->keys.recs + ret->keys.n - key)
                              * sizeof(*key));
    if (ret->signs && used && replace(ret, why) != 0)
        return -1;
    if (ctl_key_settle(ret->ctl, &ret->keys, why) != 0)
        return -1;
    return ctl_key_remove(ret->ctl, &ret->keys, ret->key.kid, why);
}

/* The one that waits signs from now on, or a new one. */
static int
replace(struct retirement *ret, struct errtext *why)
{
    struct ctl *ctl = ret->ctl;
    struct ctl_keys *keys = &ret->keys;
    enum jose_alg alg = ret->key.alg;
    const struct keyrec *waiting =
        keylife_successor(keys->recs, keys->n, alg, ctl->now);
    struct keyrec *next = NULL;
    int rc;

    if (waiting != NULL) {
        next = ctl_key_find(keys, waiting->kid);
        rc = ctl_key_move(ctl, next, ctl->now, why);
    } else {
        rc = ctl_key_make(ctl, keys, alg, ctl->now, why);
        if (rc == 0)
            next = &keys->recs[keys->n - 1];
    }
    if (rc != 0)
        return -1;
    memcpy(ret->next, next->kid, sizeof(ret->next));
    return 0;
}

static void
print(const struct retirement *ret)
{
    const char *alg = jose_name(ret->key.alg);
    const char *kid = ret->is_broken ? ret->ctl->args[0] : ret->key.kid;
    const struct keyrec *signer = keylife_signer(
        ret->keys.recs, ret->keys.n, ret->key.alg, ret->ctl->now);

    if (ret->ctl->json) {
        ctl_out_json(json_pack("{s:o,s:s,s:s?}", "kid", ctl_out_string(kid),
                               "alg", alg, "signs",
                               signer != NULL ? signer->kid : NULL));
        return;
    }
    if (ret->is_broken) {
        printf("%s: its record, which could not be read, is removed\n", kid);
        return;
    }
    printf("%s key %s: retired, and its record removed\n", alg, ret->key.kid);
    if (ret->next[0] != '\0')
        printf("%s key %s: signs now\n", alg, ret->next);
    else if (ret->signs)
        printf("No key signs with %s now, as neither policy nor clients use "
               "it.\n",
               alg);
}
