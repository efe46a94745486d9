/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * ccgrant token issue: what the endpoint would give.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "active.h"
#include "core/reply.h"
#include "core/when.h"
#include "ctl.h"
#include "ctl_args.h"
#include "ctl_form.h"
#include "ctl_record.h"
#include "ctl_tls.h"
#include "io/crypto.h"
#include "mint.h"

/* What is at hand while one token is made. */
struct issue {
    const char *id;
    struct ctl_form asked;
    struct roster_entry *entry;
    struct grant grant;
    struct mint_opaque opaque;
    char token[MINT_TOKEN_MAX];
};

static int find_client(struct ctl *ctl, struct issue *issue,
                       struct errtext *why);
static int decide(struct ctl *ctl, struct issue *issue, struct errtext *why);
static int check_second(struct ctl *ctl, const struct issue *issue,
                        struct errtext *why);
static int mint(struct ctl *ctl, struct issue *issue, struct errtext *why);
static int mint_stored(struct ctl *ctl, struct issue *issue,
                       const unsigned char random[MINT_RANDOM_LEN],
                       struct errtext *why);
static void print(const struct ctl *ctl, const struct issue *issue);

int
ctl_token_issue(struct ctl *ctl, struct errtext *why)
{
    struct issue issue;
    int rc = CTL_FAILED;

    memset(&issue, 0, sizeof(issue));
    issue.id = ctl->args[0];
    if (ctl_form_fill(ctl, &issue.asked, why) == 0
        && ctl_record_open(ctl, why) == 0
        && find_client(ctl, &issue, why) == 0
        && decide(ctl, &issue, why) == 0
        && check_second(ctl, &issue, why) == 0
        && mint(ctl, &issue, why) == 0) {
        print(ctl, &issue);
        rc = CTL_DONE;
    }
    crypto_wipe(&issue, sizeof(issue));
    return rc;
}

/* What is printed here is anybody's: a token bound to nothing. */
static int
check_unbound(const struct ctl *ctl, const struct client *cl,
              struct errtext *why)
{
    const char *demand = ctl_tls_demand(ctl, cl);

    if (strcmp(demand, client_bind_words[BIND_NONE]) == 0)
        return 0;
    return errtext_set(why, "the tokens of this client must be bound (%s) to "
                            "what it alone has: it can get them at the token "
                            "endpoint alone",
                       demand);
}

static int
find_client(struct ctl *ctl, struct issue *issue, struct errtext *why)
{
    const struct client *cl;

    if (client_check_id(issue->id, why) != 0)
        return -1;
    issue->entry = roster_find(ctl->service.roster, issue->id, why);
    if (issue->entry == NULL)
        return -1;
    cl = issue->entry->cl;
    if (cl == NULL)
        return errtext_set(why, "there is no client \"%.255s\": ccgrant "
                                "client list",
                           issue->id);
    if (!cl->enabled)
        return errtext_set(why, "the client is disabled: ccgrant client "
                                "enable");
    if (cl->expires != 0 && cl->expires <= ctl->now)
        return errtext_set(why, "the client has expired: ccgrant client set "
                                "%.200s --expires WHEN",
                           issue->id);
    return check_unbound(ctl, cl, why);
}

static int
set_lifetime(const struct ctl *ctl, struct issue *issue, struct errtext *why)
{
    const char *text = ctl_args_value(ctl, "lifetime");
    int64_t limit = ctl->policy.token.max_lifetime, wish;
    int64_t own = issue->entry->cl->max_lifetime;

    if (text == NULL)
        return 0;
    if (when_duration(&wish, text, why) != 0)
        return errtext_context(why, "--lifetime");
    if (own > 0 && own < limit)
        limit = own;
    if (wish < 1 || wish > limit)
        return errtext_set(why, "--lifetime: it must be from 1 to %lld "
                                "seconds",
                           (long long) limit);
    issue->grant.lifetime = wish;
    return 0;
}

static int
decide(struct ctl *ctl, struct issue *issue, struct errtext *why)
{
    enum oauth_error rc =
        grant_decide(&issue->grant, &ctl->policy, issue->entry->cl,
                     &issue->entry->allowed, &issue->asked.form, why);

    if (rc != OAUTH_OK)
        return errtext_context(why, "%s", oauth_name(rc));
    return set_lifetime(ctl, issue, why);
}

static int
check_second(struct ctl *ctl, const struct issue *issue, struct errtext *why)
{
    int rc = active_would_be(&ctl->service, issue->entry->cl, ctl->now, why);

    if (rc == 0)
        errtext_context(why, "try again");
    return rc == 1 ? 0 : -1;
}

static int
mint(struct ctl *ctl, struct issue *issue, struct errtext *why)
{
    static const struct binding none;
    unsigned char random[MINT_RANDOM_LEN];
    char jti[AUDIT_JTI_MAX];
    int rc = crypto_random(random, sizeof(random), why);

    if (rc == 0 && issue->grant.format == FORMAT_OPAQUE)
        rc = mint_stored(ctl, issue, random, why);
    else if (rc == 0)
        rc = mint_jwt(&ctl->service, issue->id, &issue->grant, &none,
                      ctl->now, random, issue->token, jti, why);
    crypto_wipe(random, sizeof(random));
    return rc;
}

/* It is a token when its record is there. */
static int
mint_stored(struct ctl *ctl, struct issue *issue,
            const unsigned char random[MINT_RANDOM_LEN], struct errtext *why)
{
    static const struct binding none;
    struct mint_opaque *opaque = &issue->opaque;
    const struct expiring_change change = {
        .records = &opaque->record, .n_records = 1, .durable = true};
    char jti[AUDIT_JTI_MAX];
    size_t there;

    if (mint_opaque(&ctl->service, issue->id, &issue->grant, &none, ctl->now,
                    random, opaque, jti, why)
            != 0
        || expiring_commit(ctl->service.expiring, &change, ctl->now, &there,
                           why)
               < 0)
        return -1;
    memcpy(issue->token, opaque->text, sizeof(opaque->text));
    return 0;
}

static void
print(const struct ctl *ctl, const struct issue *issue)
{
    struct reply rp;

    if (!ctl->json) {
        printf("%s\n", issue->token);
        return;
    }
    reply_token(&rp, issue->token, "Bearer", issue->grant.lifetime,
                issue->grant.scope, issue->grant.details);
    printf("%.*s\n", (int) rp.len, rp.body);
    crypto_wipe(&rp, sizeof(rp));
}
