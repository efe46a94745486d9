/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What "ccgrant explain" tells, line by line: private to ctl_explain*.c.
 */

#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include <stdbool.h>

#include "ctl.h"
#include "explain.h"
#include "io/conf_lines.h"

struct json_t;

enum { CTL_EXPLAIN_TEXT_MAX = 1024, CTL_EXPLAIN_PATH_MAX = 160 };

/* What is at hand while one request is explained. */
struct ctl_tell {
    struct ctl *ctl;
    const struct explain *ex;
    const char *from;        /* address, or "" */
    bool is_supposed;        /* nobody sent it */
    struct conf_lines *conf; /* where the policy says it */
    struct json_t *steps;    /* an array of {step, outcome, text, where} */
    enum explain_step step;  /* that is told of */
};

/* Add a line of the present step; outcome is "ok", "supposed", "refused" or
 * "note". */
void ctl_explain_add(struct ctl_tell *tell, const char *outcome,
                     const char *where, const char *fmt, ...)
    __attribute__((__format__(printf, 4, 5)));

/* Where the policy has a setting, "" where it does not. */
const char *ctl_explain_where(const struct ctl_tell *tell,
                              char where[CONF_LINES_TEXT_MAX],
                              const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));

/* Tell all steps up to the one that refuses, and that one. */
void ctl_explain_steps(struct ctl_tell *tell);

/* Tell what was decided of the grant, and what decided it. */
void ctl_explain_grant(struct ctl_tell *tell);

/* Tell what of the policy a refused decision was about. */
void ctl_explain_subject(struct ctl_tell *tell);

/*
 * The document: what would be answered, by which rule, and the steps.
 * Returns a new reference.
 */
struct json_t *ctl_explain_document(struct ctl_tell *tell);

#endif /* CTL_EXPLAIN_H */
