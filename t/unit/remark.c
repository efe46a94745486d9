/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What is said of secrets: nothing is called safe to delete that may be in
 * use, or that nothing would replace.
 */

#include <stdlib.h>
#include <string.h>

#include "core/remark.h"
#include "../lib/tap.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

/* The secret, and another beside it; times before or after now. */
static const struct {
    const char *sentence;
    int64_t created, begins, ends, used; /* before, after, after, before */
    int64_t other_used, other_ends;      /* before, after */
    bool alone, other_is_hash, signs;
    int64_t since; /* before; 0: long ago */
    enum client_auth auth; /* or 0 */
    const char *remark;
} rows[] = {
    {"a secret in use", .created = 90 * DAY, .used = DAY, .remark = ""},
    {"a new secret that nobody uses yet", .created = DAY, .remark = ""},
    {"not used for a second under 14 days", .created = 90 * DAY,
     .used = 14 * DAY - 1, .other_used = DAY, .remark = ""},
    {"not used for 14 days, and another is", .created = 90 * DAY,
     .used = 14 * DAY, .other_used = DAY,
     .remark = "not used for 14 days, safe to delete"},
    {"never used, and another is", .created = 20 * DAY, .other_used = 1,
     .remark = "not used for 20 days, safe to delete"},
    {"never used since it began", .created = 20 * DAY, .begins = -3 * DAY,
     .other_used = 1, .remark = ""},
    {"not used, and the only one", .created = 90 * DAY, .used = 30 * DAY,
     .alone = true, .remark = "not used for 30 days"},
    {"not used, and neither is the other", .created = 90 * DAY,
     .used = 30 * DAY, .other_used = 14 * DAY,
     .remark = "not used for 30 days"},
    {"not used, and the other never was", .created = 90 * DAY,
     .used = 30 * DAY, .remark = "not used for 30 days"},
    {"not used, and the other has ended", .created = 90 * DAY,
     .used = 30 * DAY, .other_used = DAY, .other_ends = -1,
     .remark = "not used for 30 days"},
    {"not used, and the other cannot sign", .created = 90 * DAY,
     .used = 30 * DAY, .other_used = DAY, .signs = true,
     .other_is_hash = true, .remark = "not used for 30 days"},
    {"never used, as far as is known for a day", .created = 90 * DAY,
     .other_used = 1, .since = DAY, .remark = ""},
    {"never used, and uses are not recorded", .created = 90 * DAY,
     .other_used = 1, .since = -1, .remark = ""},
    {"ends in 3 days", .created = 90 * DAY, .ends = 3 * DAY, .used = DAY,
     .other_used = 1, .remark = "ends in 3 days"},
    {"ends in 14 days", .created = 90 * DAY, .ends = 14 * DAY, .used = DAY,
     .remark = "ends in 14 days"},
    {"ends a second later", .created = 90 * DAY, .ends = 14 * DAY + 1,
     .used = DAY, .remark = ""},
    {"ends in a day and a half", .created = DAY, .ends = 129600,
     .remark = "ends in 36 hours"},
    {"ends within the hour", .created = DAY, .ends = 3599,
     .remark = "ends in 59 minutes"},
    {"ends in a minute", .created = DAY, .ends = 60,
     .remark = "ends in 1 minute"},
    {"ends in a moment", .created = DAY, .ends = 59,
     .remark = "ends within a minute"},
    {"begins in a moment", .created = DAY, .begins = 1,
     .remark = "begins within a minute"},
    {"of a client that signs with a key", .created = 90 * DAY,
     .ends = 3 * DAY, .used = DAY, .auth = AUTH_PRIVATE_KEY_JWT,
     .remark = "not used: the method is private_key_jwt"},
    {"of a client that has a certificate", .created = 90 * DAY,
     .auth = AUTH_SELF_SIGNED_TLS,
     .remark = "not used: the method is self_signed_tls_client_auth"},
    {"a hash where the secret is needed", .created = DAY,
     .auth = AUTH_SECRET_JWT,
     .remark = "not used: the method is client_secret_jwt"},
    {"of a client that signs with a key, and has ended", .created = DAY,
     .ends = -1, .auth = AUTH_PRIVATE_KEY_JWT, .remark = "has ended"},
    {"ends, and was not used", .created = 90 * DAY, .ends = 3 * DAY,
     .used = 20 * DAY, .other_used = 1,
     .remark = "not used for 20 days, safe to delete"},
    {"has ended", .created = 90 * DAY, .ends = -1, .used = 20 * DAY,
     .other_used = 1, .remark = "has ended"},
    {"has not begun", .created = 90 * DAY, .begins = 3 * DAY,
     .other_used = 1, .remark = "begins in 3 days"},
    {"used ahead of a clock that was set back", .created = DAY,
     .used = -3600, .remark = ""},
};

static void
add(struct client *cl, enum secret_scheme scheme, int64_t created,
    int64_t begins, int64_t ends)
{
    struct secret *secret = &cl->secrets[cl->n_secrets++];

    secret->label = strdup("");
    secret->scheme = scheme;
    secret->created = NOW - created;
    secret->not_before = begins != 0 ? NOW + begins : 0;
    secret->not_after = ends != 0 ? NOW + ends : 0;
}

static void
check_row(size_t i)
{
    struct client *cl = client_new("app", NOW);
    char text[REMARK_MAX];
    int64_t uses[2], since = NOW - 1000 * DAY;

    cl->secrets = calloc(2, sizeof(*cl->secrets));
    if (cl->secrets == NULL)
        abort();
    if (rows[i].auth != 0 || rows[i].signs)
        cl->auth = rows[i].signs ? AUTH_SECRET_JWT : rows[i].auth;
    if (rows[i].since != 0)
        since = rows[i].since > 0 ? NOW - rows[i].since : 0;
    add(cl, rows[i].signs ? SECRET_SEALED : SECRET_MAC, rows[i].created,
        rows[i].begins, rows[i].ends);
    if (!rows[i].alone)
        add(cl, rows[i].other_is_hash ? SECRET_FOREIGN : SECRET_MAC, DAY, 0,
            rows[i].other_ends);
    uses[0] = rows[i].used != 0 ? NOW - rows[i].used : 0;
    uses[1] = rows[i].other_used != 0 ? NOW - rows[i].other_used : 0;
    remark_secret(cl, 0, uses, since, NOW, text);
    tap_is_str(rows[i].remark, text, "%s", rows[i].sentence);
    client_free(cl);
}

static void
check_spans(void)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } spans[] = {
        {0, "within a minute"}, {59, "within a minute"},
        {60, "1 minute"},       {3600, "1 hour"},
        {172799, "47 hours"},   {172800, "2 days"},  {86400000, "1000 days"},
    };
    char text[REMARK_MAX];
    size_t i;

    for (i = 0; i < LEN(spans); i++) {
        remark_span(spans[i].seconds, text);
        tap_is_str(spans[i].text, text, "%lld seconds",
                   (long long) spans[i].seconds);
    }
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        check_row(i);
    check_spans();
    return tap_done();
}
