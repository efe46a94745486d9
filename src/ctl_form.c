/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The form of a token request, from the options of the command line.
 */

#include <string.h>

#include "core/sbuf.h"
#include "ctl_args.h"
#include "ctl_form.h"

static void
set_value(struct form_value *value, const char *text)
{
    value->text = text != NULL ? text : "";
    value->len = strlen(value->text);
}

int
ctl_form_fill(const struct ctl *ctl, struct ctl_form *filled,
              struct errtext *why)
{
    struct form *form = &filled->form;
    const char *value;
    struct sbuf sb;
    size_t at = 0, i;

    memset(form, 0, sizeof(*form));
    for (i = 0; i < FORM__MAX; i++)
        form->value[i].text = "";
    sbuf_init(&sb, filled->scope, sizeof(filled->scope));
    while ((value = ctl_args_next(ctl, "scope", &at)) != NULL) {
        sbuf_add(&sb, sb.len > 0 && *value != '\0' ? " " : "");
        sbuf_add(&sb, value);
    }
    if (sb.overflow)
        return errtext_set(why, "the scope is over %d bytes",
                           GRANT_SCOPE_MAX - 1);
    set_value(&form->value[FORM_SCOPE], filled->scope);
    set_value(&form->value[FORM_AUTHORIZATION_DETAILS],
              ctl_args_value(ctl, "details"));
    value = ctl_args_value(ctl, "grant-type");
    set_value(&form->value[FORM_GRANT_TYPE],
              value != NULL ? value : "client_credentials");
    at = 0;
    while ((value = ctl_args_next(ctl, "resource", &at)) != NULL) {
        if (form->n_resources == FORM_RESOURCES_MAX)
            return errtext_set(why, "more than %d resources",
                               FORM_RESOURCES_MAX);
        set_value(&form->resource[form->n_resources++], value);
    }
    return 0;
}
