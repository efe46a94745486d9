/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of the list of revoked tokens.
 */

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/client.h"
#include "core/revlist.h"
#include "core/sbuf.h"

enum {
    FIRST_CAP = 4096,
    FIRST_CLIENTS = 16,
    ENTRY_MAX = 6 * CLIENT_ID_MAX + 32, /* every byte escaped */
};

struct revoked {
    char id[CLIENT_ID_MAX];
    size_t len;
    int64_t until; /* 0: none of its tokens, but those that are named */
};

struct token {
    char jti[REVLIST_JTI_MAX];
    size_t len;
    int64_t iat;
    int64_t exp;
};

struct revlist {
    struct sbuf head;   /* up to the clients' end */
    struct sbuf tokens; /* text of "tokens" */
    int64_t all;
    size_t share;
    struct revoked *clients; /* in the order of their ids */
    size_t n_clients, cap_clients;
    struct revoked one;      /* whose tokens come now */
    struct token *its;       /* not yet written */
    size_t n_its, cap_its;
};

static void
make_room(struct sbuf *sb, size_t len)
{
    if (sb->cap - sb->len > len)
        return;
    while (sb->cap - sb->len <= len && sb->cap < REVLIST_MAX)
        sb->cap *= 2;
    sb->buf = alloc_again(sb->buf, sb->cap);
}

static void
begin(struct sbuf *sb)
{
    char *buf = alloc_bytes(FIRST_CAP);

    sbuf_init(sb, buf, FIRST_CAP);
}

static void
write_head(struct sbuf *sb, const struct revlist_head *head)
{
    make_room(sb, 6 * strlen(head->issuer) + ENTRY_MAX);
    sbuf_add(sb, "{\"iss\":");
    sbuf_add_json(sb, head->issuer, strlen(head->issuer));
    sbuf_add(sb, ",\"iat\":");
    sbuf_add_int(sb, head->iat);
    sbuf_add(sb, ",\"exp\":");
    sbuf_add_int(sb, head->exp);
    sbuf_add(sb, ",\"ttl\":");
    sbuf_add_int(sb, REVLIST_TTL);
    sbuf_add(sb, ",\"all\":");
    sbuf_add_int(sb, head->all);
    sbuf_add(sb, ",\"clients\":");
}

struct revlist *
revlist_new(const struct revlist_head *head)
{
    struct revlist *list = alloc_zero(1, sizeof(*list));

    list->all = list->one.until = head->all;
    list->share = head->share;
    list->cap_its = 2 * head->share + 1;
    list->its = alloc_bytes(list->cap_its * sizeof(*list->its));
    list->cap_clients = FIRST_CLIENTS;
    list->clients = alloc_bytes(list->cap_clients * sizeof(*list->clients));
    begin(&list->head);
    write_head(&list->head, head);
    begin(&list->tokens);
    return list;
}

/* Add a member to an object that begins with its first. */
static void
add(struct sbuf *sb, bool is_first, const char *name, size_t len, int64_t when)
{
    make_room(sb, ENTRY_MAX);
    sbuf_add(sb, is_first ? "{" : ",");
    sbuf_add_json(sb, name, len);
    sbuf_add(sb, ":");
    sbuf_add_int(sb, when);
}

static int
compare_ids(const void *a, const void *b)
{
    const struct revoked *one = a, *other = b;
    size_t both = one->len < other->len ? one->len : other->len;
    int rc = memcmp(one->id, other->id, both);

    if (rc != 0 || one->len == other->len)
        return rc;
    return one->len < other->len ? -1 : 1;
}

static void
insert(struct revlist *list, size_t at, const struct revoked *revoked)
{
    if (list->n_clients == list->cap_clients) {
        list->cap_clients *= 2;
        list->clients = alloc_again(list->clients, list->cap_clients
                                                     * sizeof(*list->clients));
    }
    memmove(&list->clients[at + 1], &list->clients[at],
            (list->n_clients - at) * sizeof(*list->clients));
    list->clients[at] = *revoked;
    list->n_clients++;
}

/* Returns whether it is one that a client can have. */
static bool
name_client(struct revoked *revoked, const struct revlist_name *id)
{
    if (id->len > sizeof(revoked->id))
        return false;
    memset(revoked, 0, sizeof(*revoked));
    memcpy(revoked->id, id->text, id->len);
    revoked->len = id->len;
    return true;
}

void
revlist_add_client(struct revlist *list, const struct revlist_name *id,
                   int64_t until)
{
    struct revoked revoked;

    if (!name_client(&revoked, id))
        return;
    revoked.until = until;
    insert(list, list->n_clients, &revoked);
}

/* Where the client is, or would be. */
static size_t
find(const struct revlist *list, const struct revoked *revoked)
{
    size_t from = 0, to = list->n_clients, at;

    while (from < to) {
        at = from + (to - from) / 2;
        if (compare_ids(&list->clients[at], revoked) < 0)
            from = at + 1;
        else
            to = at;
    }
    return from;
}

/* Those that were issued last come first. */
static int
compare_tokens(const void *a, const void *b)
{
    const struct token *one = a, *other = b;

    return (one->iat < other->iat) - (one->iat > other->iat);
}

/* Leave so many tokens of the client as it has a share, and cover the rest. */
static void
cut(struct revlist *list)
{
    size_t n = list->share;

    if (list->n_its <= n)
        return;
    qsort(list->its, list->n_its, sizeof(*list->its), compare_tokens);
    list->one.until = list->its[n].iat;
    while (n > 0 && list->its[n - 1].iat <= list->one.until)
        n--;
    list->n_its = n;
}

/* Write the tokens of one client; what covers the rest is raised. */
static void
flush(struct revlist *list)
{
    size_t at = find(list, &list->one), i;
    struct sbuf *sb = &list->tokens;

    cut(list);
    for (i = 0; i < list->n_its; i++)
        add(sb, sb->len == 0, list->its[i].jti, list->its[i].len,
            list->its[i].exp);
    list->n_its = 0;
    if (list->one.until <= list->all)
        return;
    if (at < list->n_clients
        && compare_ids(&list->clients[at], &list->one) == 0)
        list->clients[at].until = list->one.until;
    else
        insert(list, at, &list->one);
}

/* Begin with the tokens of a client, unless it is the same. */
static void
turn_to(struct revlist *list, const struct revoked *client)
{
    size_t at;

    if (compare_ids(&list->one, client) == 0)
        return;
    flush(list);
    list->one = *client;
    list->one.until = list->all;
    at = find(list, client);
    if (at < list->n_clients && compare_ids(&list->clients[at], client) == 0
        && list->clients[at].until > list->all)
        list->one.until = list->clients[at].until;
}

void
revlist_add_token(struct revlist *list, const struct revlist_name *client,
                  const struct revlist_name *jti, int64_t iat, int64_t exp)
{
    struct revoked revoked;
    struct token *token;

    if (!name_client(&revoked, client) || jti->len > REVLIST_JTI_MAX)
        return;
    turn_to(list, &revoked);
    if (iat <= list->one.until)
        return;
    if (list->n_its == list->cap_its)
        cut(list);
    if (iat <= list->one.until)
        return;
    token = &list->its[list->n_its++];
    memcpy(token->jti, jti->text, jti->len);
    token->len = jti->len;
    token->iat = iat;
    token->exp = exp;
}

const char *
revlist_end(struct revlist *list, size_t *len)
{
    struct sbuf *sb = &list->head;
    const struct revoked *revoked;
    bool is_first = true;
    size_t i;

    flush(list);
    for (i = 0; i < list->n_clients; i++) {
        revoked = &list->clients[i];
        if (revoked->until <= list->all)
            continue;
        add(sb, is_first, revoked->id, revoked->len, revoked->until);
        is_first = false;
    }
    make_room(sb, list->tokens.len + ENTRY_MAX);
    sbuf_add(sb, is_first ? "{}" : "}");
    sbuf_add(sb, list->tokens.len > 0 ? ",\"tokens\":" : ",\"tokens\":{");
    sbuf_add_bytes(sb, list->tokens.buf, list->tokens.len);
    sbuf_add(sb, "}}");
    *len = sb->len;
    return sb->overflow || list->tokens.overflow ? NULL : sb->buf;
}

void
revlist_free(struct revlist *list)
{
    if (list == NULL)
        return;
    free(list->clients);
    free(list->its);
    free(list->head.buf);
    free(list->tokens.buf);
    free(list);
}
