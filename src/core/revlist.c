/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The claims of the list of revoked tokens.
 */

#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/revlist.h"
#include "core/sbuf.h"

enum {
    FIRST_CAP = 4096,
    ENTRY_MAX = 6 * CLIENT_ID_MAX + 32, /* every byte escaped */
};

struct revlist {
    struct sbuf sb;
    const char *comma; /* before the next entry */
    bool in_tokens;
};

static void
make_room(struct revlist *list, size_t len)
{
    struct sbuf *sb = &list->sb;

    if (sb->cap - sb->len > len)
        return;
    while (sb->cap - sb->len <= len && sb->cap < REVLIST_MAX)
        sb->cap *= 2;
    sb->buf = realloc(sb->buf, sb->cap);
    if (sb->buf == NULL)
        abort();
}

struct revlist *
revlist_new(const struct revlist_head *head)
{
    struct revlist *list = calloc(1, sizeof(*list));
    char *buf = malloc(FIRST_CAP);
    struct sbuf *sb;

    if (list == NULL || buf == NULL)
        abort();
    sb = &list->sb;
    sbuf_init(sb, buf, FIRST_CAP);
    make_room(list, 6 * strlen(head->issuer) + ENTRY_MAX);
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
    sbuf_add(sb, ",\"clients\":{");
    list->comma = "";
    return list;
}

static void
add(struct revlist *list, const char *name, size_t len, int64_t when)
{
    struct sbuf *sb = &list->sb;

    make_room(list, ENTRY_MAX);
    sbuf_add(sb, list->comma);
    sbuf_add_json(sb, name, len);
    sbuf_add(sb, ":");
    sbuf_add_int(sb, when);
    list->comma = ",";
}

static void
begin_tokens(struct revlist *list)
{
    if (list->in_tokens)
        return;
    make_room(list, ENTRY_MAX);
    sbuf_add(&list->sb, "},\"tokens\":{");
    list->in_tokens = true;
    list->comma = "";
}

void
revlist_add_client(struct revlist *list, const char *id, size_t len,
                   int64_t until)
{
    add(list, id, len, until);
}

void
revlist_add_token(struct revlist *list, const char *jti, size_t len,
                  int64_t exp)
{
    begin_tokens(list);
    add(list, jti, len, exp);
}

const char *
revlist_end(struct revlist *list, size_t *len)
{
    begin_tokens(list);
    sbuf_add(&list->sb, "}}");
    *len = list->sb.len;
    return list->sb.overflow ? NULL : list->sb.buf;
}

void
revlist_free(struct revlist *list)
{
    if (list == NULL)
        return;
    free(list->sb.buf);
    free(list);
}
