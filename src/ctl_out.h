/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the command says: errors, questions, JSON, text of others.
 */

#ifndef CTL_OUT_H
#define CTL_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/errtext.h"
#include "ctl.h"

struct json_t;

/* Whether out is a terminal that may be sent colours (no-color.org). */
bool ctl_out_has_colour(FILE *out);

/* Write one line, "ccgrant: TEXT", to standard error. */
void ctl_out_error(const char *text);

/* The same of what is allowed but may not be meant: "ccgrant: note: TEXT". */
void ctl_out_note(const char *text);

/*
 * Copy text so that a terminal takes it as text: control characters, those of
 * Unicode that turn the direction of writing among them, become "?".  text is
 * UTF-8.  The caller frees with free(); never NULL.
 */
char *ctl_out_clean(const char *text);

/* Write the document to standard output, and give up the reference. */
void ctl_out_json(struct json_t *json);

/*
 * Returns a new JSON string; what is not UTF-8, as the name of a file may be,
 * is shown with "?".
 */
struct json_t *ctl_out_string(const char *text);

/* Write the document that says whether a client's record was changed. */
void ctl_out_outcome(const char *id, bool changed);

/*
 * Ask before something is destroyed, unless --yes was given.
 *
 * Returns 0 when it may be done, or -1 with the reason: the answer was no, or
 * there is nobody to ask.
 */
int ctl_out_confirm(const struct ctl *ctl, const char *question,
                    struct errtext *why);

#endif /* CTL_OUT_H */
