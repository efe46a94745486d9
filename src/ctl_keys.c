/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant key: the signing keys.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_key.h"
#include "ctl_names.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"

/* How long a new key is published before it signs: caches of the key set are
 * filled anew by then. */
static const int64_t lead = 14 * 86400; /* seconds */

static int choose_alg(const struct ctl *ctl, enum jose_alg *alg,
                      struct errtext *why);
static int choose_start(struct ctl *ctl, enum jose_alg alg, int64_t *start,
                        struct errtext *why);
static json_t *key_json(const char *state, const struct keyrec *key);

static const char *
state(const struct ctl_keys *keys, const struct keyrec *key, int64_t now)
{
    if (ctl_key_signer(keys, key->alg, now) == key)
        return "signing";
    return keyrec_is_public(key, now) ? "published" : "retired";
}

static void
print_keys(const struct ctl *ctl, const struct ctl_keys *keys)
{
    static const char *const heads[] = {"KID", "ALG", "STATE", "CREATED",
                                        "SIGNS FROM", "SIGNS UNTIL",
                                        "PUBLISHED UNTIL"};
    char when[WHEN_TEXT_MAX];
    struct ctl_table table;
    size_t i, j;

    ctl_table_init(&table, sizeof(heads) / sizeof(heads[0]));
    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        ctl_table_add(&table, heads[i]);
    for (i = 0; i < keys->n; i++) {
        const struct keyrec *key = &keys->recs[i];
        const int64_t times[] = {key->created, key->signs_from,
                                 key->signs_until, key->publish_until};

        ctl_table_add(&table, key->kid);
        ctl_table_add(&table, jose_name(key->alg));
        ctl_table_add(&table, state(keys, key, ctl->now));
        for (j = 0; j < sizeof(times) / sizeof(times[0]); j++) {
            when_text(times[j], when);
            ctl_table_add(&table, times[j] != 0 ? when : "");
        }
    }
    ctl_table_print(&table, true, ctl->colour);
    ctl_table_wipe(&table);
}

int
ctl_key_list(struct ctl *ctl, struct errtext *why)
{
    struct ctl_keys keys = {NULL, 0, NULL};
    json_t *array;
    size_t i;
    int rc;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    rc = ctl_key_read(ctl, &keys, why);
    if (rc == 0 && ctl->json) {
        array = json_array();
        for (i = 0; i < keys.n; i++)
            json_array_append_new(
                array, key_json(state(&keys, &keys.recs[i], ctl->now),
                                &keys.recs[i]));
        ctl_out_json(array);
    } else if (rc == 0) {
        print_keys(ctl, &keys);
    }
    ctl_key_free(&keys);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

static json_t *
key_json(const char *state_name, const struct keyrec *key)
{
    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I}", "kid", key->kid, "alg",
                     jose_name(key->alg), "state", state_name, "created",
                     (json_int_t) key->created, "signs_from",
                     (json_int_t) key->signs_from, "signs_until",
                     (json_int_t) key->signs_until, "publish_until",
                     (json_int_t) key->publish_until);
}

int
ctl_key_add(struct ctl *ctl, struct errtext *why)
{
    enum jose_alg alg = JOSE_NONE;
    char when[WHEN_TEXT_MAX];
    struct keyrec key;
    int64_t start = 0;
    bool signs;

    if (ctl_record_policy(ctl, why) != 0 || choose_alg(ctl, &alg, why) != 0
        || ctl_record_open(ctl, why) != 0
        || choose_start(ctl, alg, &start, why) != 0
        || ctl_key_make(ctl, alg, start, &key, why) != 0)
        return CTL_FAILED;
    signs = start <= ctl->now;
    when_text(start, when);
    if (ctl->json)
        ctl_out_json(key_json(signs ? "signing" : "published", &key));
    else if (signs)
        printf("%s key %s: published, and signs now\n", jose_name(alg),
               key.kid);
    else
        printf("%s key %s: published, and signs from %s\n", jose_name(alg),
               key.kid, when);
    return CTL_DONE;
}

static int
choose_alg(const struct ctl *ctl, enum jose_alg *alg, struct errtext *why)
{
    const char *name = ctl_args_value(ctl, "alg");

    *alg = ctl->policy.token.alg;
    if (name != NULL && ctl_names_alg(alg, name, true, why) != 0)
        return errtext_context(why, "--alg");
    return 0;
}

/* When the new key begins to sign: at once, when none of its kind does. */
static int
choose_start(struct ctl *ctl, enum jose_alg alg, int64_t *start,
             struct errtext *why)
{
    const struct keyrec *signer;
    struct ctl_keys keys;
    int rc = ctl_key_read(ctl, &keys, why);

    if (rc == 0 && keys.n >= KEYRING_MAX)
        rc = errtext_set(why, "there are %zu signing keys, which is the most",
                         keys.n);
    if (rc == 0) {
        signer = ctl_key_signer(&keys, alg, ctl->now);
        *start = ctl->now;
        if (signer != NULL && !ctl_args_has(ctl, "now"))
            *start = ctl->now + lead;
        /* Of two that began in the same second, the first would sign. */
        else if (signer != NULL && signer->signs_from == ctl->now)
            *start = ctl->now + 1;
    }
    ctl_key_free(&keys);
    return rc;
}

int
ctl_key_export(struct ctl *ctl, struct errtext *why)
{
    const char *text;
    size_t len;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    text = keyring_jwks(ctl->service.keyring, ctl->now, &len, why);
    if (text == NULL)
        return CTL_FAILED;
    printf("%.*s\n", (int) len, text);
    return CTL_DONE;
}
