/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant lockout: who failed to authenticate, and has to wait.
 */

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/cidr.h"
#include "core/counter.h"
#include "core/when.h"
#include "ctl_args.h"
#include "ctl_out.h"
#include "ctl_record.h"
#include "ctl_table.h"
#include "guess.h"

enum { QUESTION_MAX = 160 };

/* One record of failures. */
struct failed {
    char key[EXPIRING_KEY_MAX + 1]; /* terminated */
    size_t key_len;
    const char *network;   /* within key */
    const char *client_id; /* likewise */
    bool is_whole;         /* of the network, whichever the client */
    int64_t n;
    int64_t until; /* it has to wait, or 0 */
};

struct list {
    const struct ctl *ctl;
    struct failed **failed;
    size_t n;
};

static int collect(struct ctl *ctl, struct list *list, struct errtext *why);
static expiring_each_fn add;
static void print_json(const struct list *list);
static void print_table(const struct list *list);
static int clear(struct ctl *ctl, struct list *list, struct errtext *why);
static void drop(struct list *list);

int
ctl_lockout_list(struct ctl *ctl, struct errtext *why)
{
    struct list list;
    int rc = collect(ctl, &list, why);

    if (rc == 0 && ctl->json)
        print_json(&list);
    else if (rc == 0)
        print_table(&list);
    drop(&list);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

/* An address, a network, or one of the names that go for one. */
static int
check_network(const char *network, struct errtext *why)
{
    struct cidr net;

    if (strcmp(network, GUESS_UNKNOWN) == 0
        || strncmp(network, GUESS_SHARED, sizeof(GUESS_SHARED) - 1) == 0
        || cidr_parse(&net, network, why) == 0)
        return 0;
    return errtext_context(why, "--network");
}

/* Who waits longest first, then who failed most; else as they are kept. */
static int
compare(const void *a, const void *b)
{
    const struct failed *x = *(struct failed *const *) a;
    const struct failed *y = *(struct failed *const *) b;
    size_t len = x->key_len < y->key_len ? x->key_len : y->key_len;
    int rc;

    if (x->until != y->until)
        return x->until > y->until ? -1 : 1;
    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    rc = memcmp(x->key, y->key, len);
    if (rc != 0)
        return rc;
    return (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

/* All that the options, where the command has them, ask for. */
static int
collect(struct ctl *ctl, struct list *list, struct errtext *why)
{
    const char *network = ctl_args_value(ctl, "network");

    *list = (struct list){.ctl = ctl};
    if (network != NULL && check_network(network, why) != 0)
        return -1;
    if (ctl_record_open(ctl, why) != 0)
        return -1;
    if (expiring_each(ctl->service.expiring, EXPIRING_COUNTERS, COUNTER_GUESS,
                      ctl->now, add, list, why)
        != 0)
        return -1;
    if (list->n > 0)
        qsort(list->failed, list->n, sizeof(*list->failed), compare);
    return 0;
}

/* Whether one of the two holds the other, or they are the same text. */
static bool
is_of_network(const char *network, const char *wanted)
{
    char address[CIDR_TEXT_MAX];
    struct cidr net;

    if (strcmp(network, wanted) == 0)
        return true;
    snprintf(address, sizeof(address), "%.*s", (int) strcspn(network, "/"),
             network);
    if (cidr_parse(&net, wanted, NULL) == 0 && cidr_match(&net, 1, address))
        return true;
    snprintf(address, sizeof(address), "%.*s",
             (int) strcspn(wanted, "/") < CIDR_TEXT_MAX
                 ? (int) strcspn(wanted, "/")
                 : CIDR_TEXT_MAX - 1,
             wanted);
    return cidr_parse(&net, network, NULL) == 0
           && cidr_match(&net, 1, address);
}

static bool
is_wanted(const struct ctl *ctl, const struct failed *failed)
{
    const char *id = ctl_args_value(ctl, "client");
    const char *network = ctl_args_value(ctl, "network");

    if (id != NULL && client_check_id(id, NULL) != 0)
        id = ""; /* Those are counted together. */
    if (id != NULL
        && (failed->is_whole || strcmp(failed->client_id, id) != 0))
        return false;
    return network == NULL || is_of_network(failed->network, network);
}

/* When it need not wait any more, or 0. */
static int64_t
find_end(const struct ctl *ctl, const struct failed *failed,
         const struct tally *tally)
{
    int64_t limit = ctl->policy.limits.failures, until;

    until = guess_wait(tally,
                       failed->is_whole ? limit * GUESS_NETWORK : limit);
    return ctl->policy.limits.lockout && until > ctl->now ? until : 0;
}

static int
add(void *arg, const void *key, size_t key_len, int64_t expires,
    const char *text, size_t len)
{
    struct list *list = arg;
    struct failed *failed = alloc_zero(1, sizeof(*failed));
    struct tally tally;
    int rc;

    (void) len;
    memcpy(failed->key, key, key_len);
    failed->key_len = key_len;
    rc = counter_read(failed->key, key_len, COUNTER_GUESS, &failed->network,
                      &failed->client_id);
    failed->is_whole = rc == 0;
    if (rc < 0 || !is_wanted(list->ctl, failed)
        || tally_read(&tally, text, expires, GUESS_WINDOW, list->ctl->now)
               != 0
        || tally.n == 0) {
        free(failed);
        return 0;
    }
    failed->n = tally.n;
    failed->until = find_end(list->ctl, failed, &tally);
    list->failed =
        alloc_again(list->failed, (list->n + 1) * sizeof(*list->failed));
    list->failed[list->n++] = failed;
    return 0;
}

static void
print_json(const struct list *list)
{
    json_t *array = json_array();
    size_t i;

    for (i = 0; i < list->n; i++) {
        const struct failed *failed = list->failed[i];
        json_t *client = failed->is_whole ? json_null()
                                          : ctl_out_string(failed->client_id);

        json_array_append_new(
            array, json_pack("{s:o, s:o, s:I, s:I}", "client", client,
                             "network", ctl_out_string(failed->network),
                             "failures", (json_int_t) failed->n, "until",
                             (json_int_t) failed->until));
    }
    ctl_out_json(array);
}

static const char *
name_client(const struct failed *failed)
{
    if (failed->is_whole)
        return "any";
    return failed->client_id[0] != '\0' ? failed->client_id
                                        : GUESS_IMPOSSIBLE;
}

static void
print_table(const struct list *list)
{
    static const char *const heads[] = {"CLIENT", "NETWORK", "FAILURES",
                                        "WAITS UNTIL"};
    enum { N_HEADS = sizeof(heads) / sizeof(heads[0]) };
    char text[WHEN_TEXT_MAX];
    struct ctl_table table;
    char *network;
    size_t i;

    ctl_table_init(&table, N_HEADS);
    for (i = 0; i < N_HEADS; i++)
        ctl_table_add(&table, heads[i]);
    for (i = 0; i < list->n; i++) {
        const struct failed *failed = list->failed[i];

        network = ctl_out_clean(failed->network);
        ctl_table_add(&table, name_client(failed));
        ctl_table_add(&table, network);
        free(network);
        snprintf(text, sizeof(text), "%" PRId64, failed->n);
        ctl_table_add(&table, text);
        when_text(failed->until, text);
        ctl_table_add(&table, failed->until != 0 ? text : "");
    }
    ctl_table_print(&table, true, list->ctl->colour);
    ctl_table_wipe(&table);
}

int
ctl_lockout_clear(struct ctl *ctl, struct errtext *why)
{
    char question[QUESTION_MAX];
    struct list list;
    int rc = collect(ctl, &list, why);

    snprintf(question, sizeof(question),
             "Forget %zu counts of failures, and let who has to wait try "
             "again?",
             list.n);
    if (rc == 0 && list.n > 0)
        rc = ctl_out_confirm(ctl, question, why);
    if (rc == 0)
        rc = clear(ctl, &list, why);
    if (rc == 0 && ctl->json)
        ctl_out_json(json_pack("{s:I}", "cleared", (json_int_t) list.n));
    else if (rc == 0)
        printf("%zu counts of failures forgotten\n", list.n);
    drop(&list);
    return rc == 0 ? CTL_DONE : CTL_FAILED;
}

static int
clear(struct ctl *ctl, struct list *list, struct errtext *why)
{
    size_t i, there;

    for (i = 0; i < list->n; i++) {
        const struct expiring_record record = {
            .table = EXPIRING_COUNTERS,
            .key = list->failed[i]->key,
            .key_len = list->failed[i]->key_len,
        };
        const struct expiring_change change = {.records = &record,
                                               .n_records = 1};

        if (expiring_commit(ctl->service.expiring, &change, ctl->now, &there,
                            why)
            < 0)
            return -1;
    }
    return 0;
}

static void
drop(struct list *list)
{
    size_t i;

    for (i = 0; i < list->n; i++)
        free(list->failed[i]);
    free(list->failed);
}
