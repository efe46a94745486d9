/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant key rotate: the next step in the life of the signing keys.
 *
 * What is due follows from the times of the keys, so that it may be run at any
 * time, by anybody, after any pause, and after it was killed.
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
#include "revocation.h"

enum outcome {
    REMOVED, /* its last token has expired */
    MADE,    /* it is to take over */
    WAITS,   /* likewise, and was there before */
    SIGNS,   /* it took over */
};

/* What was done to one key. */
struct report {
    enum outcome outcome;
    enum jose_alg alg;
    char kid[KEYREC_KID_MAX];
    char other[KEYREC_KID_MAX]; /* that signs until then, or "" */
    int64_t since;              /* it is published */
    int64_t from;               /* it signs */
};

struct rotation {
    struct ctl *ctl;
    struct ctl_keys keys;
    struct keylife life;
    bool is_auto, is_now;
    struct report reports[KEYRING_MAX + JOSE__MAX];
    size_t n;
};

static int read_args(struct rotation *rot, enum jose_alg *alg,
                     struct errtext *why);
static int rotate(struct rotation *rot, enum jose_alg only,
                  struct errtext *why);
static int remove_gone(struct rotation *rot, struct errtext *why);
static int rotate_alg(struct rotation *rot, enum jose_alg alg,
                      struct errtext *why);
static int publish(struct rotation *rot, struct errtext *why);
static void print_json(const struct rotation *rot);
static void print(const struct rotation *rot);

int
ctl_key_rotate(struct ctl *ctl, struct errtext *why)
{
    struct rotation rot = {.ctl = ctl};
    enum jose_alg alg = JOSE_NONE;
    int rc = read_args(&rot, &alg, why);

    if (rc != CTL_DONE)
        return rc;
    if (ctl_record_open(ctl, why) != 0 || ctl_key_lock(ctl, why) != 0)
        return CTL_FAILED;
    keylife_init(&rot.life, &ctl->policy);
    rc = ctl_key_read(ctl, &rot.keys, why);
    if (rc == 0)
        rc = rotate(&rot, alg, why);
    /* What was done is told even if the rest failed. */
    if (!ctl->json)
        print(&rot);
    else if (rc == 0)
        print_json(&rot);
    if (rc == 0)
        rc = publish(&rot, why);
    ctl_key_free(&rot.keys);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

static int
read_args(struct rotation *rot, enum jose_alg *alg, struct errtext *why)
{
    const char *name = ctl_args_value(rot->ctl, "alg");

    rot->is_auto = ctl_args_has(rot->ctl, "auto");
    rot->is_now = ctl_args_has(rot->ctl, "now");
    if (rot->is_auto && rot->is_now) {
        errtext_set(why, "--auto does what is due, --now what is not: say one "
                         "of them");
        return CTL_USAGE;
    }
    if (name != NULL && ctl_names_alg(alg, name, true, why) != 0) {
        errtext_context(why, "--alg");
        return CTL_FAILED;
    }
    return CTL_DONE;
}

static int
rotate(struct rotation *rot, enum jose_alg only, struct errtext *why)
{
    enum jose_alg algs[JOSE__MAX] = {only};
    size_t i, n = 1;

    if (only == JOSE_NONE && ctl_key_algs(rot->ctl, algs, &n, why) != 0)
        return -1;
    /* First what another run may have left. */
    if (ctl_key_settle(rot->ctl, &rot->keys, why) != 0
        || remove_gone(rot, why) != 0)
        return -1;
    for (i = 0; i < n; i++) {
        if (rotate_alg(rot, algs[i], why) != 0)
            return -1;
    }
    return ctl_key_settle(rot->ctl, &rot->keys, why);
}

static void
report(struct rotation *rot, enum outcome outcome, const struct keyrec *key,
       const char *other)
{
    struct report *report = &rot->reports[rot->n++];

    report->outcome = outcome;
    report->alg = key->alg;
    report->since = key->created;
    report->from = key->signs_from;
    memcpy(report->kid, key->kid, sizeof(report->kid));
    snprintf(report->other, sizeof(report->other), "%s", other);
}

static int
remove_gone(struct rotation *rot, struct errtext *why)
{
    size_t i = 0;

    while (i < rot->keys.n) {
        const struct keyrec *key = &rot->keys.recs[i];
        char kid[KEYREC_KID_MAX];

        if (keyrec_is_public(key, rot->ctl->now)) {
            i++;
            continue;
        }
        memcpy(kid, key->kid, sizeof(kid));
        report(rot, REMOVED, key, "");
        if (ctl_key_remove(rot->ctl, &rot->keys, kid, why) != 0) {
            rot->n--;
            return -1;
        }
    }
    return 0;
}

/* A key of its own time is no reason to stop, but its age is to be told. */
static void
note_age(const struct rotation *rot, const struct keyrec *signer)
{
    char since[WHEN_TEXT_MAX];
    struct errtext text;

    if (!rot->is_auto
        || rot->ctl->now - rot->life.lifetime <= signer->signs_from)
        return;
    when_text(signer->signs_from, since);
    errtext_set(&text, "the %s key %s has signed since %s, longer than "
                       "keys.lifetime, for want of a successor: let cron run "
                       "this every day",
                jose_name(signer->alg), signer->kid, since);
    ctl_out_note(text.text);
}

/* A new key, or the one that waits, from then on. */
static int
begin(struct rotation *rot, enum jose_alg alg, const char *waiting,
      bool at_once, struct errtext *why)
{
    struct keyrec *key = ctl_key_find(&rot->keys, waiting);
    struct ctl *ctl = rot->ctl;
    const struct keyrec *signer =
        keylife_signer(rot->keys.recs, rot->keys.n, alg, ctl->now);
    int64_t start = keylife_start(rot->keys.recs, rot->keys.n, alg,
                                  &rot->life, ctl->now, at_once);
    char other[KEYREC_KID_MAX] = "";

    if (signer != NULL)
        memcpy(other, signer->kid, sizeof(other));
    /* One that begins in the next second need not be told again. */
    if (key != NULL && key->signs_from > start
        && ctl_key_move(ctl, key, start, why) != 0)
        return -1;
    if (key == NULL && ctl_key_make(ctl, &rot->keys, alg, start, why) != 0)
        return -1;
    if (key == NULL)
        key = &rot->keys.recs[rot->keys.n - 1];
    report(rot, at_once || signer == NULL ? SIGNS : MADE, key, other);
    return 0;
}

static int
rotate_alg(struct rotation *rot, enum jose_alg alg, struct errtext *why)
{
    const struct keyrec *keys = rot->keys.recs;
    size_t n = rot->keys.n;
    int64_t now = rot->ctl->now, due = 0;
    const struct keyrec *signer = keylife_signer(keys, n, alg, now);
    const struct keyrec *next = keylife_successor(keys, n, alg, now);

    if (signer == NULL || rot->is_now)
        return begin(rot, alg, next != NULL ? next->kid : "", true, why);
    if (next != NULL) {
        if (!rot->is_auto)
            report(rot, WAITS, next, signer->kid);
        return 0;
    }
    (void) keylife_next(signer, keys, n, &rot->life, now, &due);
    if (rot->is_auto && now < due)
        return 0;
    note_age(rot, signer);
    return begin(rot, alg, "", false, why);
}

/* The signed list of revoked tokens is to be under a key that signs now. */
static int
publish(struct rotation *rot, struct errtext *why)
{
    size_t i;

    for (i = 0; i < rot->n; i++) {
        if (rot->reports[i].outcome == SIGNS)
            return revocation_publish(&rot->ctl->service, rot->ctl->now, why);
    }
    return 0;
}

static void
print_json(const struct rotation *rot)
{
    static const char *const words[] = {"removed", "made", "waits", "signs"};
    json_t *array = json_array();
    size_t i;

    for (i = 0; i < rot->n; i++) {
        const struct report *report = &rot->reports[i];

        json_array_append_new(
            array, json_pack("{s:s,s:s,s:s,s:I,s:s}", "outcome",
                             words[report->outcome], "alg",
                             jose_name(report->alg), "kid", report->kid,
                             "signs_from", (json_int_t) report->from,
                             "replaces", report->other));
    }
    ctl_out_json(array);
}

static void
print_taken(const struct rotation *rot, const struct report *report)
{
    const struct keyrec *other = ctl_key_find(&rot->keys, report->other);
    char until[WHEN_TEXT_MAX];

    printf("%s key %s: signs now", jose_name(report->alg), report->kid);
    if (other != NULL) {
        when_text(other->publish_until, until);
        printf("; %s is published until %s", other->kid, until);
    }
    printf("\n");
}

static void
print(const struct rotation *rot)
{
    char since[WHEN_TEXT_MAX], from[WHEN_TEXT_MAX];
    size_t i;

    for (i = 0; i < rot->n; i++) {
        const struct report *report = &rot->reports[i];
        const char *alg = jose_name(report->alg);

        when_text(report->since, since);
        when_text(report->from, from);
        if (report->outcome == REMOVED)
            printf("%s key %s: removed; its last token has expired\n", alg,
                   report->kid);
        else if (report->outcome == MADE)
            printf("%s key %s: made and published; signs from %s, until then "
                   "%s does\n",
                   alg, report->kid, from, report->other);
        else if (report->outcome == WAITS)
            printf("%s key %s: published since %s; signs from %s, until then "
                   "%s does; --now lets it sign at once\n",
                   alg, report->kid, since, from, report->other);
        else
            print_taken(rot, report);
    }
}
