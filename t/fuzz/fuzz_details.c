/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * authorization_details of a request, taken for two clients: what is granted
 * is what was asked for, is of the policy, and is granted again as it is.
 */

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "core/details.h"
#include "core/jparse.h"
#include "core/utf8.h"
#include "fuzz.h"
#include "sample.h"

const char fuzz_corpus[] = "details";

/* Made at the first input, kept to the end. */
static struct policy policy;
static struct client *clients[2];

/* What is granted of one text. */
struct granted {
    char buf[DETAILS_MAX + 1];
    struct sbuf sb;
    const struct policy_detail *types[DETAILS_ENTRIES_MAX];
    size_t n;
};

static void
set_values(struct policy_values *values, const char *words)
{
    sample_list(&values->list, &values->n, words);
}

/* Of these, the first client may not ask for "bills", the second for no
 * other, and neither for "shut". */
static void
make_policy(void)
{
    struct policy_detail *detail;

    sample_policy(&policy);
    detail = sample_detail(&policy, "payment", SAMPLE_ORDERS, "batch");
    set_values(&detail->common[COMMON_ACTIONS], "pay refund");
    set_values(&detail->common[COMMON_LOCATIONS], "https://a.example/");
    set_values(&detail->common[COMMON_IDENTIFIER], "acct-1");
    set_values(&detail->members, "amount note");
    set_values(&detail->required, "amount");
    detail = sample_detail(&policy, "free", SAMPLE_ORDERS, "batch idle");
    set_values(&detail->members, "privileges datatypes identifier x");
    sample_detail(&policy, "bills", SAMPLE_BILLS, "admin");
    sample_detail(&policy, "shut", SAMPLE_ORDERS, "idle");
    sample_ready(&policy);
    clients[0] = client_new("payer", 1);
    sample_list(&clients[0]->roles, &clients[0]->n_roles, "batch");
    clients[1] = client_new("biller", 1);
    sample_list(&clients[1]->roles, &clients[1]->n_roles, "admin");
}

static int
take(struct granted *granted, const struct client *cl, const char *text,
     size_t len, struct errtext *why)
{
    granted->n = 0;
    sbuf_init(&granted->sb, granted->buf, sizeof(granted->buf));
    return details_take(&granted->sb, granted->types, &granted->n, &policy,
                        cl, text, len, why);
}

/* Whether the value is a string, and one of these if there are any. */
static bool
is_listed(const struct policy_values *values, const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL
           && (values->n == 0 || policy_values_have(values, text));
}

static void
check_common(const struct policy_values *values, const json_t *entry,
             enum policy_common common)
{
    const char *name = policy_common_words[common];
    const json_t *list = json_object_get(entry, name), *value;
    size_t i;

    if (list == NULL)
        return;
    if (common == COMMON_IDENTIFIER) {
        hold(is_listed(values, list));
        return;
    }
    hold(json_array_size(list) > 0);
    json_array_foreach(list, i, value)
        hold(is_listed(values, value));
}

/* Of that type, for that client, with the members and values it may have. */
static void
check_entry(const struct policy_detail *type, const struct client *cl,
            json_t *entry)
{
    const char *name;
    json_t *value;
    size_t i;

    hold(strcmp(json_string_value(json_object_get(entry, "type")), type->type)
         == 0);
    hold((cl == clients[0] && type <= &policy.details[1])
         || (cl == clients[1] && type == &policy.details[2]));
    json_object_foreach(entry, name, value) {
        bool known = strcmp(name, "type") == 0
                     || policy_values_have(&type->members, name);

        for (i = 0; i < COMMON__MAX && !known; i++)
            known = type->common[i].n > 0
                    && strcmp(policy_common_words[i], name) == 0;
        hold(known);
    }
    for (i = 0; i < type->required.n; i++)
        hold(json_object_get(entry, type->required.list[i]) != NULL);
    for (i = 0; i < COMMON__MAX; i++)
        check_common(&type->common[i], entry, (enum policy_common)i);
}

static void
check_granted(const struct granted *granted, const struct client *cl,
              const char *text, size_t len)
{
    static struct granted again;
    const struct sbuf *sb = &granted->sb;
    json_t *was = jparse_exact(text, len, NULL);
    json_t *now = jparse_exact(sb->buf, sb->len, NULL);
    size_t i;

    hold(!sb->overflow && sb->len > 0 && sb->len <= DETAILS_MAX);
    hold(strlen(sb->buf) == sb->len && utf8_is_valid(sb->buf, sb->len));
    hold(was != NULL && json_equal(was, now));
    hold(granted->n > 0 && granted->n <= DETAILS_ENTRIES_MAX);
    hold(json_array_size(now) == granted->n);
    for (i = 0; i < granted->n; i++)
        check_entry(granted->types[i], cl, json_array_get(now, i));
    json_decref(was);
    json_decref(now);
    hold(take(&again, cl, sb->buf, sb->len, NULL) == 0);
    hold(again.n == granted->n && strcmp(again.buf, granted->buf) == 0);
    hold(memcmp(again.types, granted->types, again.n * sizeof(again.types[0]))
         == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct granted granted;
    char *text = copy(data, size, false);
    size_t i;

    if (clients[0] == NULL)
        make_policy();
    for (i = 0; i < 2; i++) {
        struct errtext why = {.text = ""};

        if (take(&granted, clients[i], text, size, &why) == 0)
            check_granted(&granted, clients[i], text, size);
        else /* with names that came, which the log escapes */
            hold(why.text[0] != '\0' && why.rule != RULE_NONE);
    }
    free(text);
    return 0;
}
