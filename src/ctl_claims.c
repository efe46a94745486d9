/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Static claims and compatibility in a client's record.
 */

#include <string.h>

#include "ctl_args.h"
#include "ctl_claims.h"
#include "ctl_names.h"

/* What the bits are off and on, in the order of client_compat_words. */
static const char *const choices[][3] = {
    {"strict", "tolerant", NULL},
    {"string", "array", NULL},
    {"at+jwt", "JWT", NULL},
    {"string", "array", NULL},
};

enum { N_CHOICES = sizeof(choices) / sizeof(choices[0]), FACT_MAX = 4096 };

int
ctl_claims_put(const struct ctl *ctl, struct client *cl, const char *value,
               struct errtext *why)
{
    size_t at = 0;

    extra_free(&cl->claims);
    while ((value = ctl_args_next(ctl, "claim", &at)) != NULL) {
        if (*value == '\0')
            continue;
        if (extra_parse(&cl->claims, value, why) != 0)
            return errtext_context(why, "\"%.80s\"", value);
    }
    return 0;
}

static int
put(struct client *cl, size_t bit, const char *value, struct errtext *why)
{
    bool on = strcmp(value, choices[bit][1]) == 0;

    if (!on && *value != '\0' && strcmp(value, choices[bit][0]) != 0)
        return ctl_names_word(choices[bit], value, why);
    if (on)
        cl->compat |= 1u << bit;
    else
        cl->compat &= ~(1u << bit);
    return 0;
}

int
ctl_claims_basic(const struct ctl *ctl, struct client *cl, const char *value,
                 struct errtext *why)
{
    (void) ctl;
    return put(cl, 0, value, why);
}

int
ctl_claims_scope(const struct ctl *ctl, struct client *cl, const char *value,
                 struct errtext *why)
{
    (void) ctl;
    return put(cl, 1, value, why);
}

int
ctl_claims_typ(const struct ctl *ctl, struct client *cl, const char *value,
               struct errtext *why)
{
    (void) ctl;
    return put(cl, 2, value, why);
}

int
ctl_claims_aud(const struct ctl *ctl, struct client *cl, const char *value,
               struct errtext *why)
{
    (void) ctl;
    return put(cl, 3, value, why);
}

void
ctl_claims_facts(struct ctl_table *table, const struct client *cl)
{
    char text[FACT_MAX];
    struct sbuf sb;
    size_t i;

    sbuf_init(&sb, text, sizeof(text));
    for (i = 0; i < cl->claims.n; i++) {
        sbuf_add(&sb, i > 0 ? " " : "");
        sbuf_add(&sb, cl->claims.list[i].name);
        sbuf_add(&sb, "=");
        sbuf_add(&sb, cl->claims.list[i].value);
    }
    ctl_table_fact(table, "claims", i > 0 ? text : "none");
    sbuf_init(&sb, text, sizeof(text));
    for (i = 0; i < N_CHOICES; i++) {
        if ((cl->compat & 1u << i) == 0)
            continue;
        sbuf_add(&sb, sb.len > 0 ? ", " : "");
        sbuf_add(&sb, client_compat_words[i + 1]);
        sbuf_add(&sb, " ");
        sbuf_add(&sb, choices[i][1]);
    }
    if (sb.len > 0)
        ctl_table_fact(table, "compatibility", text);
}
