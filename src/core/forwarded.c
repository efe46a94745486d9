/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Where a request comes from, when proxies have handed it on.
 */

#include <string.h>
#include <strings.h>

#include "core/forwarded.h"

enum { NODE_MAX = 128, SHOWN_MAX = 60 }; /* bytes */

static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "abcdefghijklmnopqrstuvwxyz0123456789";
static const char obfuscated[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789._-";
static const char digits[] = "0123456789";
static const char marks[] = "!#$%&'*+-.^_`|~";
static const char blanks[] = " \t";

static const struct {
    const char *name;
    const char *variable;
} fields[] = {
    [FORWARDED_X_FOR] = {"X-Forwarded-For", "HTTP_X_FORWARDED_FOR="},
    [FORWARDED_RFC7239] = {"Forwarded", "HTTP_FORWARDED="},
};

/* What is left of a field: its first bytes. */
struct rest {
    enum forwarded_field field;
    const char *text;
    size_t len;
};

static int find_field(const struct request *rq, struct rest *rest,
                      struct errtext *why);
static int walk(struct rest *rest, const struct policy *policy,
                char buf[CIDR_TEXT_MAX], struct errtext *why);
static int read_last(struct rest *rest, char buf[CIDR_TEXT_MAX],
                     struct errtext *why);
static size_t last_start(const struct rest *rest);
static bool read_for(const char *element, size_t len, char node[NODE_MAX],
                     bool *is_quoted);
static bool read_node(enum forwarded_field field, char *node,
                      char buf[CIDR_TEXT_MAX]);

/* An IPv4 address without colons has one form alone. */
const char *
forwarded_origin(const struct policy *policy, const struct request *rq,
                 char buf[CIDR_TEXT_MAX], struct errtext *why)
{
    struct rest rest = {.field = policy->forwarded};

    if (rest.field == FORWARDED_NONE
        || !cidr_match(policy->proxy_nets, policy->n_proxies,
                       rq->remote_addr)) {
        if (strchr(rq->remote_addr, ':') == NULL
            || cidr_address(rq->remote_addr, buf) != 0)
            return rq->remote_addr;
        return buf;
    }
    if (find_field(rq, &rest, why) != 0 || walk(&rest, policy, buf, why) != 0)
        buf[0] = '\0';
    return buf;
}

static int
find_field(const struct request *rq, struct rest *rest, struct errtext *why)
{
    const char *variable = fields[rest->field].variable;
    size_t len = strlen(variable);
    char *const *at;

    for (at = rq->env; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, variable, len) != 0)
            continue;
        if (rest->text != NULL)
            return errtext_set(why, "the proxy's %s came more than once",
                               fields[rest->field].name);
        rest->text = *at + len;
        rest->len = strlen(rest->text);
    }
    if (rest->text == NULL)
        return errtext_set(why, "the proxy sent no %s",
                           fields[rest->field].name);
    return 0;
}

static int
walk(struct rest *rest, const struct policy *policy, char buf[CIDR_TEXT_MAX],
     struct errtext *why)
{
    size_t n;

    for (n = 0; n <= FORWARDED_HOPS_MAX; n++) {
        if (read_last(rest, buf, why) != 0)
            return -1;
        if (rest->len == 0
            || !cidr_match(policy->proxy_nets, policy->n_proxies, buf))
            return 0;
        rest->len--; /* the comma */
    }
    return errtext_set(why, "more than %d proxies in %s", FORWARDED_HOPS_MAX,
                       fields[rest->field].name);
}

/* Take the last element off, and write its address. */
static int
read_last(struct rest *rest, char buf[CIDR_TEXT_MAX], struct errtext *why)
{
    size_t start = last_start(rest), len = rest->len - start, shown;
    const char *element = rest->text + start;
    char node[NODE_MAX] = "";
    bool is_quoted = true, good;

    rest->len = start;
    while (len > 0 && strchr(blanks, *element) != NULL)
        element++, len--;
    while (len > 0 && strchr(blanks, element[len - 1]) != NULL)
        len--;
    if (rest->field == FORWARDED_RFC7239)
        good = read_for(element, len, node, &is_quoted);
    else if ((good = len < sizeof(node)))
        memcpy(node, element, len);
    /* A token holds no colon and no bracket. */
    if (good && (is_quoted || strpbrk(node, ":[") == NULL)
        && read_node(rest->field, node, buf))
        return 0;
    shown = len < SHOWN_MAX ? len : SHOWN_MAX;
    return errtext_set(why, "%s: \"%.*s\" tells no address",
                       fields[rest->field].name, (int) shown, element);
}

static bool
is_escaped(const char *text, size_t at)
{
    size_t n = 0;

    while (n < at && text[at - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

/* Behind the last comma that is not within quotes: those count from the end,
 * for what stands at the beginning may be forged. */
static size_t
last_start(const struct rest *rest)
{
    bool has_quotes = rest->field == FORWARDED_RFC7239, within = false;
    size_t i;

    for (i = rest->len; i > 0; i--) {
        char c = rest->text[i - 1];

        if (has_quotes && c == '"' && !is_escaped(rest->text, i - 1))
            within = !within;
        else if (c == ',' && !within)
            break;
    }
    return i;
}

/* RFC 9110, 5.6.2. */
static bool
is_token(char c)
{
    return strchr(alnum, c) != NULL || strchr(marks, c) != NULL;
}

/*
 * RFC 9110, 5.6.2 and 5.6.4; and hosts are often written without the quotes
 * that their port wants.  Returns the bytes that the value takes, or 0.
 */
static size_t
read_value(const char *text, size_t len, char value[NODE_MAX],
           bool *is_quoted)
{
    size_t i = 0, n = 0;

    *is_quoted = len > 0 && text[0] == '"';
    for (i = *is_quoted; i < len; i++) {
        if (*is_quoted ? text[i] == '"'
                       : !is_token(text[i]) && strchr(":[]", text[i]) == NULL)
            break;
        if (*is_quoted && text[i] == '\\' && ++i == len)
            return 0;
        if (n + 1 == NODE_MAX)
            return 0;
        value[n++] = text[i];
    }
    value[n] = '\0';
    if (*is_quoted)
        return i < len ? i + 1 : 0;
    return i;
}

static size_t
skip_blanks(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && strchr(blanks, text[n]) != NULL)
        n++;
    return n;
}

/* The one "for" among the pairs of an element (RFC 7239, 4). */
static bool
read_for(const char *element, size_t len, char node[NODE_MAX],
         bool *is_quoted)
{
    char value[NODE_MAX];
    bool has_for = false, quoted;
    size_t i = 0, name, taken;

    while (i < len) {
        for (name = i; i < len && is_token(element[i]); i++)
            ;
        if (i == name || i == len || element[i] != '=')
            return false;
        taken = read_value(element + i + 1, len - i - 1, value, &quoted);
        if (taken == 0)
            return false;
        if (i - name == 3 && strncasecmp(element + name, "for", 3) == 0) {
            if (has_for)
                return false;
            has_for = true;
            *is_quoted = quoted;
            memcpy(node, value, sizeof(value));
        }
        i += 1 + taken;
        i += skip_blanks(element + i, len - i);
        if (i < len && element[i++] != ';')
            return false;
        i += skip_blanks(element + i, len - i);
    }
    return has_for;
}

/* RFC 7239, 6: digits, or an obfuscated one. */
static bool
is_port(enum forwarded_field field, const char *text)
{
    size_t n = strspn(text, digits);

    if (text[n] == '\0')
        return n >= 1 && n <= 5;
    if (field != FORWARDED_RFC7239 || text[0] != '_' || text[1] == '\0')
        return false;
    return text[strspn(text, obfuscated)] == '\0';
}

/* X-Forwarded-For has IPv6 addresses without brackets, too. */
static bool
read_node(enum forwarded_field field, char *node, char buf[CIDR_TEXT_MAX])
{
    char *colon = strchr(node, ':'), *end;

    if (*node == '[') {
        end = strchr(node, ']');
        if (end == NULL || colon == NULL || colon > end
            || (end[1] != '\0'
                && (end[1] != ':' || !is_port(field, end + 2))))
            return false;
        *end = '\0';
        return cidr_address(node + 1, buf) == 0;
    }
    if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        if (!is_port(field, colon + 1))
            return false;
        *colon = '\0';
    } else if (colon != NULL && field == FORWARDED_RFC7239) {
        return false;
    }
    return cidr_address(node, buf) == 0;
}
