/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The administrator's command: what its parts share.
 *
 * ctl.c runs it, ctl_commands.c has the one table of commands and options,
 * ctl_args.c reads the command line by that table and ctl_help.c prints it.
 * The other files each have the commands of one noun, or what several need.
 * Files named ctl*.c are the only ones below main() that print.
 */

#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/errtext.h"
#include "core/policy.h"
#include "service.h"

enum { CTL_ARGS_MAX = 2 };

/* How a command ends. */
enum {
    CTL_FAILED = -1, /* refused or failed, for the reason in *why */
    CTL_DONE = 0,
    CTL_NO = 1,      /* the answer is no, and has been printed */
    CTL_USAGE = 2,   /* the command line is wrong: the reason is in *why */
};

struct ctl_option {
    const char *name;  /* without the dashes */
    const char *value; /* what follows, for people; NULL: nothing does */
    bool repeats;      /* may be given more than once */
    const char *help;
};

struct ctl;

/* Returns one of the above. */
typedef int ctl_command_fn(struct ctl *ctl, struct errtext *why);

struct ctl_command {
    const char *noun;
    const char *verb; /* NULL: the noun alone is the command */
    const char *args[CTL_ARGS_MAX + 1]; /* "[ID]": it may be missing */
    const struct ctl_option *options; /* a NULL name ends them; or NULL */
    ctl_command_fn *fn;
    const char *help;
};

/* One option of the command line. */
struct ctl_given {
    const struct ctl_option *option;
    const char *value; /* borrowed; NULL: it takes none */
};

/* One run of the command. */
struct ctl {
    const char *noun;                  /* NULL: none was given */
    const struct ctl_command *command; /* NULL: none was given */
    const char *args[CTL_ARGS_MAX];
    size_t n_args;
    struct ctl_given *given; /* in their order */
    size_t n_given;
    bool json;
    bool colour;             /* of standard output */
    int64_t now;             /* the clock is read once */
    struct policy policy;    /* once it is read */
    struct service service;  /* once it is open */
};

/* The tables of ctl_commands.c; a NULL noun, or name, ends them. */
extern const struct ctl_command ctl_commands[];
extern const struct ctl_option ctl_globals[];

ctl_command_fn ctl_init;
ctl_command_fn ctl_client_add, ctl_client_list, ctl_client_show;
ctl_command_fn ctl_client_set, ctl_client_enable, ctl_client_disable;
ctl_command_fn ctl_client_delete;
ctl_command_fn ctl_secret_add, ctl_secret_list, ctl_secret_delete;
ctl_command_fn ctl_secret_rotate, ctl_secret_expiring;
ctl_command_fn ctl_key_list, ctl_key_add, ctl_key_export;
ctl_command_fn ctl_key_rotate, ctl_key_retire;
ctl_command_fn ctl_token_issue, ctl_token_inspect, ctl_token_revoke;
ctl_command_fn ctl_assertion_make;
ctl_command_fn ctl_lockout_list, ctl_lockout_clear;
ctl_command_fn ctl_policy_check;
ctl_command_fn ctl_purge, ctl_backup, ctl_restore, ctl_verify, ctl_stats;
ctl_command_fn ctl_explain;

#endif /* CTL_H */
