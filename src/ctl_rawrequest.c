/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A captured request.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/alloc.h"
#include "ctl_rawrequest.h"
#include "io/crypto.h"
#include "io/path.h"

enum { FIELDS_MAX = 256 };

static int read_target(struct ctl_rawrequest *raw, char *line,
                       struct errtext *why);
static int read_field(struct ctl_rawrequest *raw, char *line,
                      struct errtext *why);
static void take_field(struct ctl_rawrequest *raw, const char *name,
                       const char *value);
static int read_body(struct ctl_rawrequest *raw, char *body, size_t len,
                     size_t max, struct errtext *why);

/* Cut the next line off *rest, or NULL at the end. */
static char *
next_line(char **rest)
{
    char *line = *rest, *end = line != NULL ? strchr(line, '\n') : NULL;

    if (end == NULL)
        return NULL;
    *rest = end + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

int
ctl_rawrequest_read(struct ctl_rawrequest *raw, const char *file,
                    const char *from, size_t body_max, struct errtext *why)
{
    struct request *rq = &raw->rq;
    char *rest, *line;
    long len;

    memset(raw, 0, sizeof(*raw));
    raw->text = alloc_zero(1, CTL_RAWREQUEST_MAX + 1);
    raw->env = alloc_zero(FIELDS_MAX + 1, sizeof(*raw->env));
    *rq = (struct request){.method = "", .script_name = "", .path_info = "",
                           .content_type = "", .authorization = "",
                           .accept = "", .remote_addr = from, .origin = from,
                           .origin_why = "give --from ADDRESS",
                           .client_verify = "", .client_cert = "",
                           .config = "", .env = raw->env, .repeated = ""};
    len = path_read(file, raw->text, CTL_RAWREQUEST_MAX, why);
    if (len < 0)
        return -1;
    rest = raw->text;
    line = next_line(&rest);
    if (line == NULL || read_target(raw, line, why) != 0)
        return errtext_set(why, "%s: it does not begin with a request line "
                                "of HTTP/1.1", file);
    while ((line = next_line(&rest)) != NULL && *line != '\0') {
        if (read_field(raw, line, why) != 0)
            return errtext_context(why, "%s", file);
    }
    if (line == NULL)
        return errtext_set(why, "%s: no empty line ends its header", file);
    return read_body(raw, rest, (size_t) (raw->text + len - rest), body_max,
                     why);
}

/* "POST /oauth2/v1/token HTTP/1.1", in absolute form too (RFC 9112, 3.2). */
static int
read_target(struct ctl_rawrequest *raw, char *line, struct errtext *why)
{
    char *target = strchr(line, ' ');
    char *version = target != NULL ? strrchr(target + 1, ' ') : NULL;
    char *path;

    if (version == NULL || strncmp(version + 1, "HTTP/", 5) != 0)
        return errtext_set(why, "it is none");
    *target++ = '\0';
    *version = '\0';
    path = strstr(target, "://");
    path = path != NULL && *target != '/' ? strchr(path + 3, '/') : target;
    snprintf(raw->path, sizeof(raw->path), "%s", path != NULL ? path : "/");
    raw->path[strcspn(raw->path, "?#")] = '\0';
    raw->rq.method = line;
    raw->rq.script_name = raw->path;
    return 0;
}

/* Its name is a token, and ":" follows at once (RFC 9112, 5). */
static int
read_field(struct ctl_rawrequest *raw, char *line, struct errtext *why)
{
    static const char name[] = "!#$%&'*+-.^_`|~0123456789"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz";
    char *value = strchr(line, ':'), *end;

    if (value == NULL || value == line
        || strspn(line, name) != (size_t) (value - line))
        return errtext_set(why, "a line of its header is no field");
    *value++ = '\0';
    value += strspn(value, " \t");
    end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    if (strcasecmp(line, "Transfer-Encoding") == 0)
        return errtext_set(why, "it has a transfer coding: put the decoded "
                                "body there, and leave the field out");
    if (raw->n_env == FIELDS_MAX)
        return errtext_set(why, "it has over %d fields", FIELDS_MAX);
    take_field(raw, line, value);
    return 0;
}

/* "HTTP_X_NAME=value" (RFC 3875, 4.1.18). */
static char *
make_variable(const char *name, const char *value)
{
    size_t len = strlen(name), i;
    size_t size = len + strlen(value) + sizeof("HTTP_=");
    char *text = alloc_bytes(size);

    snprintf(text, size, "HTTP_%s=%s", name, value);
    for (i = 5; i < 5 + len; i++)
        text[i] = text[i] == '-' ? '_'
                                 : (char) toupper((unsigned char) text[i]);
    return text;
}

/* IMF-fixdate (RFC 9110, 5.6.7); 0 for another, and before 1970. */
static int64_t
read_date(const char *value)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = {.tm_mday = 0};
    char month[4] = "";
    const char *found;
    time_t date;

    if (sscanf(value, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &tm.tm_mday, month,
               &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec)
        != 6)
        return 0;
    found = strstr(months, month);
    if (found == NULL || (found - months) % 3 != 0 || strlen(month) != 3)
        return 0;
    tm.tm_mon = (int) (found - months) / 3;
    tm.tm_year -= 1900;
    date = timegm(&tm);
    return date > 0 ? (int64_t) date : 0;
}

/* Those that must not repeat say so, as from a web server. */
static void
take_field(struct ctl_rawrequest *raw, const char *name, const char *value)
{
    struct request *rq = &raw->rq;
    const struct {
        const char *name;
        const char **at;
        const char *variable;
    } known[] = {
        {"Content-Type", &rq->content_type, "CONTENT_TYPE"},
        {"Content-Length", &raw->content_length, "CONTENT_LENGTH"},
        {"Authorization", &rq->authorization, "HTTP_AUTHORIZATION"},
        {"Accept", &rq->accept, "HTTP_ACCEPT"},
        {"DPoP", &rq->dpop, "HTTP_DPOP"},
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcasecmp(name, known[i].name) != 0)
            continue;
        if (*known[i].at != NULL && **known[i].at != '\0') {
            rq->repeated = known[i].variable;
            rq->fault = REQUEST_DUPLICATE;
        }
        *known[i].at = value;
    }
    if (strcasecmp(name, "Date") == 0)
        raw->date = read_date(value);
    raw->env[raw->n_env++] = make_variable(name, value);
}

static int
read_body(struct ctl_rawrequest *raw, char *body, size_t len, size_t max,
          struct errtext *why)
{
    const char *digits = raw->content_length;
    struct request *rq = &raw->rq;
    unsigned long long said;

    if (digits != NULL && digits[strspn(digits, "0123456789")] != '\0')
        return errtext_set(why, "its Content-Length is no number");
    said = digits != NULL ? strtoull(digits, NULL, 10) : len;
    while (digits == NULL && said > 0
           && (body[said - 1] == '\n' || body[said - 1] == '\r'))
        said--;
    if (rq->fault == REQUEST_OK && said > max)
        rq->fault = REQUEST_TOO_LARGE;
    else if (rq->fault == REQUEST_OK && said > len)
        rq->fault = REQUEST_INCOMPLETE;
    if (rq->fault != REQUEST_OK)
        said = 0;
    rq->body = body;
    rq->body_len = (size_t) said;
    body[said] = '\0';
    return 0;
}

void
ctl_rawrequest_free(struct ctl_rawrequest *raw)
{
    size_t i;

    for (i = 0; i < raw->n_env; i++) {
        crypto_wipe(raw->env[i], strlen(raw->env[i]));
        free(raw->env[i]);
    }
    free(raw->env);
    if (raw->text != NULL)
        crypto_wipe(raw->text, CTL_RAWREQUEST_MAX);
    free(raw->text);
    memset(raw, 0, sizeof(*raw));
}
