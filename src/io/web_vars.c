/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The variables of a request, from an environment that nobody else filters.
 */

#include <string.h>

#include "io/crypto.h"
#include "io/web_priv.h"

#define NAME(text) { text, sizeof(text) - 1 }

static const struct {
    const char *text;
    size_t len;
} names[WEB_VARS] = {
    [WEB_METHOD] = NAME("REQUEST_METHOD"),
    [WEB_SCRIPT_NAME] = NAME("SCRIPT_NAME"),
    [WEB_PATH_INFO] = NAME("PATH_INFO"),
    [WEB_CONTENT_TYPE] = NAME("CONTENT_TYPE"),
    [WEB_CONTENT_LENGTH] = NAME("CONTENT_LENGTH"),
    [WEB_ACCEPT] = NAME("HTTP_ACCEPT"),
    [WEB_REMOTE_ADDR] = NAME("REMOTE_ADDR"),
    [WEB_AUTHORIZATION] = NAME("HTTP_AUTHORIZATION"),
    [WEB_AUTHORIZATION_1] = NAME("REDIRECT_HTTP_AUTHORIZATION"),
    [WEB_AUTHORIZATION_2] = NAME("REDIRECT_REDIRECT_HTTP_AUTHORIZATION"),
    [WEB_CONFIG] = NAME("CCGRANT_CONFIG"),
    [WEB_DPOP] = NAME("HTTP_DPOP"),
    [WEB_CLIENT_VERIFY] = NAME("SSL_CLIENT_VERIFY"),
    [WEB_CLIENT_CERT] = NAME("SSL_CLIENT_CERT"),
};

/* Past every limit: what is longer needs no exact number. */
static const int64_t LENGTH_HUGE = INT64_MAX / 16;

static int find_name(const char *pair, size_t len);
static const char *text(const struct web_vars *vars, enum web_var var);
static const char *authorization(const struct web_vars *vars);
static int64_t decimal(const char *digits);

void
web_vars_find(struct web_vars *vars, char *const *env)
{
    *vars = (struct web_vars){ .env = env };
    for (; *env != NULL; env++) {
        char *value = strchr(*env, '=');
        int var;

        if (value == NULL)
            continue;
        var = find_name(*env, (size_t) (value - *env));
        if (var < 0)
            continue;
        if (vars->value[var] == NULL)
            vars->value[var] = value + 1;
        else if (vars->repeated == NULL && var != WEB_ACCEPT) /* a list */
            vars->repeated = names[var].text;
    }
}

void
web_vars_request(const struct web_vars *vars, size_t max, struct request *rq)
{
    int64_t length = web_vars_length(vars);

    *rq = (struct request){
        .method = text(vars, WEB_METHOD),
        .script_name = text(vars, WEB_SCRIPT_NAME),
        .path_info = text(vars, WEB_PATH_INFO),
        .content_type = text(vars, WEB_CONTENT_TYPE),
        .authorization = authorization(vars),
        .accept = text(vars, WEB_ACCEPT),
        .remote_addr = text(vars, WEB_REMOTE_ADDR),
        .origin = text(vars, WEB_REMOTE_ADDR),
        .origin_why = "the web server sets no REMOTE_ADDR",
        .config = text(vars, WEB_CONFIG),
        .dpop = vars->value[WEB_DPOP],
        .client_verify = text(vars, WEB_CLIENT_VERIFY),
        .client_cert = text(vars, WEB_CLIENT_CERT),
        .env = vars->env,
        .repeated = vars->repeated == NULL ? "" : vars->repeated,
    };
    if (vars->repeated != NULL)
        rq->fault = REQUEST_DUPLICATE;
    else if (length < 0 && *text(vars, WEB_CONTENT_LENGTH) != '\0')
        rq->fault = REQUEST_INCOMPLETE;
    else if (length > 0 && (uint64_t) length > max)
        rq->fault = REQUEST_TOO_LARGE;
}

/* A server may hand over an empty variable for an absent header. */
int64_t
web_vars_length(const struct web_vars *vars)
{
    return decimal(text(vars, WEB_CONTENT_LENGTH));
}

void
web_vars_wipe(struct web_vars *vars)
{
    for (size_t i = 0; i < WEB_VARS; i++) {
        if (vars->value[i] != NULL)
            crypto_wipe(vars->value[i], strlen(vars->value[i]));
    }
}

static int
find_name(const char *pair, size_t len)
{
    for (int i = 0; i < WEB_VARS; i++) {
        if (names[i].len == len && memcmp(names[i].text, pair, len) == 0)
            return i;
    }
    return -1;
}

static const char *
text(const struct web_vars *vars, enum web_var var)
{
    return vars->value[var] == NULL ? "" : vars->value[var];
}

static const char *
authorization(const struct web_vars *vars)
{
    const char *found = "";

    for (int i = WEB_AUTHORIZATION; i <= WEB_AUTHORIZATION_2; i++) {
        if (*found == '\0')
            found = text(vars, (enum web_var) i);
    }
    return found;
}

/* RFC 9110, 8.6: one or more digits, and nothing beside them. */
static int64_t
decimal(const char *digits)
{
    int64_t n = 0;

    if (*digits == '\0')
        return -1;
    for (; *digits != '\0'; digits++) {
        if (*digits < '0' || *digits > '9')
            return -1;
        if (n < LENGTH_HUGE)
            n = 10 * n + (*digits - '0');
    }
    return n;
}
