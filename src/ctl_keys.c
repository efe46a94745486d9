/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant key: list, add, export.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_key.h"
#include "ctl_keylist.h"
#include "ctl_names.h"
#include "ctl_out.h"
#include "ctl_record.h"

static int choose_alg(const struct ctl *ctl, enum jose_alg *alg,
                      struct errtext *why);
static int add(struct ctl *ctl, struct ctl_keys *keys, enum jose_alg alg,
               struct errtext *why);

int
ctl_key_list(struct ctl *ctl, struct errtext *why)
{
    struct ctl_keys keys = {NULL, 0};
    int rc;

    if (ctl_record_open(ctl, why) != 0)
        return CTL_FAILED;
    rc = ctl_key_read(ctl, &keys, why);
    if (rc == 0)
        rc = ctl_keylist_print(ctl, &keys, why);
    ctl_key_free(&keys);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

int
ctl_key_add(struct ctl *ctl, struct errtext *why)
{
    struct ctl_keys keys = {NULL, 0};
    enum jose_alg alg = JOSE_NONE;
    int rc;

    if (ctl_record_policy(ctl, why) != 0 || choose_alg(ctl, &alg, why) != 0
        || ctl_record_open(ctl, why) != 0 || ctl_key_lock(ctl, why) != 0)
        return CTL_FAILED;
    rc = ctl_key_read(ctl, &keys, why);
    if (rc == 0)
        rc = add(ctl, &keys, alg, why);
    ctl_key_free(&keys);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
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

static int
add(struct ctl *ctl, struct ctl_keys *keys, enum jose_alg alg,
    struct errtext *why)
{
    const struct keyrec *key;
    char when[WHEN_TEXT_MAX];
    struct keylife life;
    int64_t start;

    keylife_init(&life, &ctl->policy);
    start = keylife_start(keys->recs, keys->n, alg, &life, ctl->now,
                          ctl_args_has(ctl, "now"));
    if (ctl_key_make(ctl, keys, alg, start, why) != 0)
        return -1;
    key = &keys->recs[keys->n - 1];
    when_text(start, when);
    if (ctl->json)
        ctl_out_json(ctl_keylist_json(ctl, keys, key));
    else if (start <= ctl->now + 1)
        printf("%s key %s: published, and signs now\n", jose_name(alg),
               key->kid);
    else
        printf("%s key %s: published, and signs from %s\n", jose_name(alg),
               key->kid, when);
    return ctl_key_settle(ctl, keys, why);
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
