/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Signing keys as the administrator sees them.
 */

#include <jansson.h>
#include <stdio.h>

#include "core/when.h"
#include "ctl_keylist.h"
#include "ctl_out.h"
#include "ctl_table.h"

/* By enum keylife_state and enum keylife_step. */
static const char *const states[] = {"published", "signing", "retiring",
                                     "gone"};
static const char *const steps[] = {"signs", "successor", "retires",
                                    "withdrawn", "removed"};

/* What is to be told of one key. */
struct facts {
    enum keylife_state state;
    enum keylife_step step;
    int64_t at;
};

static struct facts
find_facts(const struct ctl *ctl, const struct ctl_keys *keys,
           const struct keyrec *key)
{
    struct keylife life;
    struct facts facts;

    keylife_init(&life, &ctl->policy);
    facts.state = keylife_state(key, keys->recs, keys->n, ctl->now);
    facts.step = keylife_next(key, keys->recs, keys->n, &life, ctl->now,
                              &facts.at);
    return facts;
}

struct json_t *
ctl_keylist_json(const struct ctl *ctl, const struct ctl_keys *keys,
                 const struct keyrec *key)
{
    struct facts facts = find_facts(ctl, keys, key);

    return json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:s,s:I}", "kid", key->kid,
                     "alg", jose_name(key->alg), "state", states[facts.state],
                     "created", (json_int_t) key->created, "signs_from",
                     (json_int_t) key->signs_from, "signs_until",
                     (json_int_t) key->signs_until, "publish_until",
                     (json_int_t) key->publish_until, "next",
                     steps[facts.step], "next_at", (json_int_t) facts.at);
}

static void
print_table(const struct ctl *ctl, const struct ctl_keys *keys)
{
    static const char *const heads[] = {"KID", "ALG", "STATE", "CREATED",
                                        "SIGNS FROM", "NEXT", "WHEN"};
    enum { N_HEADS = sizeof(heads) / sizeof(heads[0]) };
    char when[WHEN_TEXT_MAX];
    struct ctl_table table;
    size_t i;

    ctl_table_init(&table, N_HEADS);
    for (i = 0; i < N_HEADS; i++)
        ctl_table_add(&table, heads[i]);
    for (i = 0; i < keys->n; i++) {
        const struct keyrec *key = &keys->recs[i];
        struct facts facts = find_facts(ctl, keys, key);

        ctl_table_add(&table, key->kid);
        ctl_table_add(&table, jose_name(key->alg));
        ctl_table_add(&table, states[facts.state]);
        when_text(key->created, when);
        ctl_table_add(&table, when);
        when_text(key->signs_from, when);
        ctl_table_add(&table, when);
        ctl_table_add(&table, steps[facts.step]);
        when_text(facts.at, when);
        ctl_table_add(&table, facts.at != 0 ? when : "");
    }
    ctl_table_print(&table, true, ctl->colour);
    ctl_table_wipe(&table);
}

/* Cron may not run: nobody else would tell. */
static void
note_overdue(const struct ctl *ctl, const struct ctl_keys *keys,
             enum jose_alg alg)
{
    const struct keyrec *key =
        keylife_signer(keys->recs, keys->n, alg, ctl->now);
    struct errtext text;
    struct facts facts;

    if (key == NULL) {
        errtext_set(&text, "there is no %s key that may sign now: ccgrant key "
                           "rotate",
                    jose_name(alg));
        ctl_out_note(text.text);
        return;
    }
    facts = find_facts(ctl, keys, key);
    if (facts.step != KEYLIFE_SUCCEED || facts.at > ctl->now)
        return;
    errtext_set(&text, "the %s key %s needs a successor: ccgrant key rotate",
                jose_name(alg), key->kid);
    ctl_out_note(text.text);
}

int
ctl_keylist_print(struct ctl *ctl, const struct ctl_keys *keys,
                  struct errtext *why)
{
    enum jose_alg algs[JOSE__MAX];
    json_t *array;
    size_t i, n;

    if (ctl_key_algs(ctl, algs, &n, why) != 0)
        return -1;
    if (ctl->json) {
        array = json_array();
        for (i = 0; i < keys->n; i++)
            json_array_append_new(array,
                                  ctl_keylist_json(ctl, keys, &keys->recs[i]));
        ctl_out_json(array);
    } else {
        print_table(ctl, keys);
    }
    for (i = 0; i < n; i++)
        note_overdue(ctl, keys, algs[i]);
    return 0;
}
