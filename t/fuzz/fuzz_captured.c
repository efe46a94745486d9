/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The file of a captured request, as "ccgrant explain --request" reads it.
 */

#include <stdbool.h>
#include <string.h>

#include "core/jparse.h"
#include "ctl_rawrequest.h"
#include "file.h"
#include "fuzz.h"

const char fuzz_corpus[] = "captured";

enum { BODY_MAX = 64 };

/* A variable of the environment has the name that RFC 3875, 4.1.18 gives. */
static void
check_variable(const char *variable)
{
    const char *p;

    hold(strncmp(variable, "HTTP_", 5) == 0 && variable[5] != '=');
    for (p = variable + 5; *p != '='; p++)
        hold(*p != '\0' && *p != '-' && (*p < 'a' || *p > 'z'));
}

static void
check_body(const struct request *rq, size_t size)
{
    hold(rq->body_len <= size && rq->body_len <= BODY_MAX);
    hold(rq->body[rq->body_len] == '\0');
    hold(rq->fault == REQUEST_OK || rq->body_len == 0);
    hold((rq->fault == REQUEST_DUPLICATE) == (rq->repeated[0] != '\0'));
}

static void
check_raw(const struct ctl_rawrequest *raw, size_t size)
{
    const struct request *rq = &raw->rq;
    const char *const texts[] = {
        rq->method, rq->script_name, rq->content_type, rq->authorization,
        rq->accept, rq->dpop != NULL ? rq->dpop : "",
    };
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        hold(strlen(texts[i]) < size && strchr(texts[i], '\n') == NULL);
    hold(strpbrk(raw->path, "?#") == NULL);
    hold(raw->date >= 0 && raw->date <= JPARSE_TIME_MAX);
    for (i = 0; i < raw->n_env; i++)
        check_variable(raw->env[i]);
    hold(rq->env[raw->n_env] == NULL);
    check_body(rq, size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct errtext why = {.text = ""};
    struct ctl_rawrequest raw;
    struct file file;

    file_open(&file);
    file_add(&file, data, size);
    if (ctl_rawrequest_read(&raw, file.name, "192.0.2.1", BODY_MAX, &why)
        == 0)
        check_raw(&raw, size);
    else
        check_reason(&why);
    ctl_rawrequest_free(&raw);
    file_close(&file);
    return 0;
}
