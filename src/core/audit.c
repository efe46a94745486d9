/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the operator's log says of one request.
 */

#include <string.h>

#include "core/audit.h"
#include "core/utf8.h"
#include "core/when.h"

enum { AUDIT_COMPAT_MAX = 64 }; /* bytes of all its words */

/* The bytes of text that are UTF-8 from its start: what was cut may not be. */
static size_t
utf8_len(const char *text, size_t len)
{
    while (!utf8_is_valid(text, len))
        len--;
    return len;
}

/* Add one field; text of outsiders is escaped in either format. */
static void
add_field(struct sbuf *sb, bool json, const char *name, const char *text)
{
    size_t len = strlen(text);

    if (len == 0)
        return;
    if (json) {
        sbuf_add(sb, sb->len > 1 ? ",\"" : "\"");
        sbuf_add(sb, name);
        sbuf_add(sb, "\":");
        sbuf_add_json(sb, text, utf8_len(text, len));
        return;
    }
    sbuf_add(sb, sb->len > 0 ? " " : "");
    sbuf_add(sb, name);
    sbuf_add(sb, "=\"");
    sbuf_add_log(sb, text, len);
    sbuf_add(sb, "\"");
}

static const char *
outcome_name(const struct audit *audit)
{
    static const char *const done[] = {
        [AUDIT_NOTHING] = "answered",
        [AUDIT_ISSUED] = "issued",
        [AUDIT_REUSED] = "reused",
        [AUDIT_REVOKED] = "revoked",
        [AUDIT_IGNORED] = "ignored",
    };

    return audit->outcome == OAUTH_OK ? done[audit->done]
                                      : oauth_name(audit->outcome);
}

/* What no rule names is this server's own trouble, or is nobody's. */
static const char *
rule_of(const struct audit *audit)
{
    if (audit->outcome == OAUTH_OK)
        return "";
    if (audit->why.rule == RULE_NONE && audit->outcome == OAUTH_UNAVAILABLE)
        return rule_name(RULE_SERVER_FAILED);
    return rule_name(audit->why.rule);
}

static void
add_compat(struct sbuf *sb, bool json, unsigned compat)
{
    char text[AUDIT_COMPAT_MAX];
    struct sbuf words;
    int word;

    sbuf_init(&words, text, sizeof(text));
    for (word = 1; client_compat_words[word] != NULL; word++) {
        if ((compat & 1u << (word - 1)) == 0)
            continue;
        sbuf_add(&words, words.len > 0 ? " " : "");
        sbuf_add(&words, client_compat_words[word]);
    }
    add_field(sb, json, "compat", text);
}

void
audit_line(struct sbuf *sb, const struct audit *audit, bool json, int64_t when)
{
    char time[WHEN_TEXT_MAX] = "";

    if (when > 0)
        when_text(when, time);
    if (json)
        sbuf_add(sb, "{");
    add_field(sb, json, "time", time);
    add_field(sb, json, "endpoint", audit->endpoint);
    add_field(sb, json, "outcome", outcome_name(audit));
    add_field(sb, json, "client", audit->client_id);
    add_field(sb, json, "from", audit->from);
    add_field(sb, json, "jti", audit->jti);
    add_field(sb, json, "scope", audit->scope);
    add_compat(sb, json, audit->compat);
    add_field(sb, json, "rule", rule_of(audit));
    if (audit->outcome != OAUTH_OK || audit->done == AUDIT_REVOKED
        || audit->done == AUDIT_IGNORED)
        add_field(sb, json, "reason", audit->why.text);
    if (json)
        sbuf_add(sb, "}");
}

void
audit_event(struct sbuf *sb, const char *event, const char *reason, bool json,
            int64_t when)
{
    char time[WHEN_TEXT_MAX] = "";

    if (when > 0)
        when_text(when, time);
    if (json)
        sbuf_add(sb, "{");
    add_field(sb, json, "time", time);
    add_field(sb, json, "event", event);
    add_field(sb, json, "reason", reason);
    if (json)
        sbuf_add(sb, "}");
}
