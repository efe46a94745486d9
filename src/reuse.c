/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Tokens that are given again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "recipient.h"
#include "reuse.h"

enum { TOKENS = 256 };

struct kept {
    struct reuse_key key;
    char *text; /* NULL: nothing is kept here */
    char jti[AUDIT_JTI_MAX];
    unsigned char name[CRYPTO_SHA256_LEN]; /* of an opaque token */
    bool is_opaque;
    int64_t lifetime;
    int64_t expires;
    uint64_t used; /* the greater, the later */
};

struct reuse {
    uint64_t generation; /* that all of it is of */
    int64_t since;       /* when that was first seen, or 0 */
    uint64_t uses;
    struct kept kept[TOKENS];
};

static struct reuse *ready(struct service *service, uint64_t generation,
                           int64_t now);
static struct kept *find(struct reuse *reuse, const struct reuse_key *key);
static int check_revoked(struct service *service, const struct kept *kept,
                         int64_t now, struct errtext *why);

static void
add_text(struct sbuf *sb, const char *text)
{
    sbuf_add_bytes(sb, text, strlen(text) + 1);
}

void
reuse_key(struct reuse_key *key, struct service *service,
          const char *client_id, const struct grant *grant,
          const struct binding *binding, int64_t now)
{
    char bytes[sizeof(*grant) + CLIENT_ID_MAX
               + GRANT_AUDIENCES_MAX * 512 + 256];
    struct sbuf sb;
    size_t i;

    /* With their terminators, and a number of audiences. */
    sbuf_init(&sb, bytes, sizeof(bytes));
    add_text(&sb, client_id);
    add_text(&sb, grant->scope);
    sbuf_add_int(&sb, (int64_t) grant->n_audiences);
    for (i = 0; i < grant->n_audiences; i++)
        add_text(&sb, grant->audience[i]);
    sbuf_add_int(&sb, grant->lifetime);
    add_text(&sb, "");
    sbuf_add_int(&sb, (int64_t) grant->format);
    add_text(&sb, "");
    sbuf_add_int(&sb, (int64_t) grant->alg);
    add_text(&sb, "");
    sbuf_add_int(&sb, (int64_t) grant->compat);
    add_text(&sb, "");
    add_text(&sb, grant->details);
    add_text(&sb, grant->claims);
    add_text(&sb, binding->x5t);
    add_text(&sb, binding->jkt);
    if (grant->recipient != NULL)
        sbuf_add_int(&sb, recipient_mark(service, grant->recipient, now));
    add_text(&sb, "");
    crypto_sha256(bytes, sb.len, key->digest);
}

static void
forget(struct kept *kept)
{
    if (kept->text != NULL) {
        crypto_wipe(kept->text, strlen(kept->text));
        free(kept->text);
    }
    crypto_wipe(kept, sizeof(*kept));
}

/* Returns the memory as it is in that generation. */
static struct reuse *
ready(struct service *service, uint64_t generation, int64_t now)
{
    struct reuse *reuse = service->reuse;
    size_t i;

    if (reuse == NULL) {
        reuse = alloc_zero(1, sizeof(*reuse));
        service->reuse = reuse;
    }
    if (reuse->since != 0 && reuse->generation == generation)
        return reuse;
    for (i = 0; i < TOKENS; i++)
        forget(&reuse->kept[i]);
    reuse->generation = generation;
    reuse->since = now;
    return reuse;
}

/* The one of that key; or the place for it: an empty one, or that which was
 * longest not used. */
static struct kept *
find(struct reuse *reuse, const struct reuse_key *key)
{
    struct kept *oldest = &reuse->kept[0];
    size_t i;

    for (i = 0; i < TOKENS; i++) {
        struct kept *kept = &reuse->kept[i];

        if (kept->text != NULL
            && memcmp(kept->key.digest, key->digest, sizeof(key->digest))
                   == 0)
            return kept;
        if (kept->used < oldest->used)
            oldest = kept;
    }
    return oldest;
}

/* A JWT is marked by its jti; an opaque token is gone: see active.c. */
static int
check_revoked(struct service *service, const struct kept *kept, int64_t now,
              struct errtext *why)
{
    char text[EXPIRING_TEXT_MAX + 1];
    const void *key = kept->is_opaque ? (const void *) kept->name : kept->jti;
    size_t len = kept->is_opaque ? sizeof(kept->name) : strlen(kept->jti);
    int rc = expiring_read(service->expiring, EXPIRING_TOKENS, key, len, now,
                           text, sizeof(text), NULL, NULL, why);

    if (rc < 0)
        return -1;
    return (rc == 1) == kept->is_opaque ? 0 : 1;
}

int
reuse_find(struct service *service, const struct reuse_key *key,
           uint64_t generation, int64_t percent, int64_t now,
           struct reuse_token *token, struct errtext *why)
{
    struct reuse *reuse = ready(service, generation, now);
    struct kept *kept = find(reuse, key);
    int64_t left;
    int rc;

    if (kept->text == NULL
        || memcmp(kept->key.digest, key->digest, sizeof(key->digest)) != 0)
        return 0;
    left = kept->expires - now;
    if (left <= 0 || left > kept->lifetime
        || left * 100 < percent * kept->lifetime) {
        forget(kept);
        return 0;
    }
    rc = check_revoked(service, kept, now, why);
    if (rc == 1)
        forget(kept);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    kept->used = ++reuse->uses;
    memcpy(token->text, kept->text, strlen(kept->text) + 1);
    memcpy(token->jti, kept->jti, sizeof(token->jti));
    token->expires = kept->expires;
    return 1;
}

void
reuse_add(struct service *service, const struct reuse_key *key,
          uint64_t generation, const char *text, const char *jti,
          bool is_opaque, int64_t lifetime, int64_t now)
{
    struct reuse *reuse = ready(service, generation, now);
    struct kept *kept;

    if (store_generation(service->store) != generation
        || reuse->since >= now)
        return;
    kept = find(reuse, key);
    forget(kept);
    kept->key = *key;
    kept->text = alloc_text(text);
    snprintf(kept->jti, sizeof(kept->jti), "%s", jti);
    kept->is_opaque = is_opaque;
    if (is_opaque)
        crypto_sha256(text, strlen(text), kept->name);
    kept->lifetime = lifetime;
    kept->expires = now + lifetime;
    kept->used = ++reuse->uses;
}

void
reuse_close(struct reuse *reuse)
{
    size_t i;

    if (reuse == NULL)
        return;
    for (i = 0; i < TOKENS; i++)
        forget(&reuse->kept[i]);
    free(reuse);
}
