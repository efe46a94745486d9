/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * What the endpoints and the command work with: policy, store, keys, clients.
 */

#ifndef SERVICE_H
#define SERVICE_H

#include "core/errtext.h"
#include "core/policy.h"
#include "io/expiring.h"
#include "io/store.h"
#include "io/vault.h"
#include "keyring.h"
#include "roster.h"

enum {
    SERVICE_CHALLENGE_MAX = 320,
    SERVICE_MARK_MAX = 48, /* characters and the terminator */
};

/* What STORE_META names the mark of master.key. */
#define SERVICE_MARK_META "master"

/* Sends the answers that wait for the disk; see group.h. */
typedef void service_release_fn(void *arg);

struct service {
    const struct policy *policy; /* borrowed from the program */
    struct store *store;
    struct expiring *expiring;
    struct vault *vault;
    struct keyring *keyring;
    struct roster *roster;
    struct keyset *decoys;  /* keyset.h: once wanted, or NULL */
    struct peer_memory *peers;   /* peer.c: authorities and what was verified,
                                    once wanted, or NULL */
    struct proofkeys *proofkeys; /* once wanted, or NULL */
    struct active_memory *actives; /* active.c: once wanted, or NULL */
    struct guess_memory *guesses; /* guess.c: once wanted, or NULL */
    struct reuse *reuse;          /* reuse.c: once wanted, or NULL */
    struct recipients *recipients; /* recipient.c: once wanted, or NULL */
    unsigned warm_keys;     /* warm.h */
    int64_t no_fetch_until; /* jwks.h: a slow host is not asked before */
    int64_t list_look;      /* revocation.c: when to look at the list again */
    service_release_fn *release; /* of the program, or NULL: none ever wait */
    void *release_arg;
    char *metadata;                        /* RFC 8414 document */
    char challenge[SERVICE_CHALLENGE_MAX]; /* WWW-Authenticate of a 401 */
};

/*
 * Open the state directory that the policy names.  Refuses a master.key that
 * the records were not made with.
 *
 * Returns 0 with *service, which the caller closes with service_close(), or
 * -1 with the reason in *why and nothing to close.
 */
int service_open(struct service *service, const struct policy *policy,
                 enum store_role role, struct errtext *why);

/*
 * Work by another policy from here on, of the same state directory: what was
 * derived from the one before is made anew when it is wanted, and nothing
 * refers to that any more.  Clients, keys and what was used stay as they are.
 *
 * Returns 0, or -1 with the reason in *why and all as it was.
 */
int service_follow(struct service *service, const struct policy *policy,
                   struct errtext *why);

/*
 * Note in the store which master.key its secrets and keys are made with, so
 * that service_open() can refuse another one instead of finding every secret
 * wrong.  Does nothing when the note is there.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int service_bind(struct service *service, struct errtext *why);

/*
 * That note of a master.key: a MAC of no client's.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int service_mark(struct vault *vault, char mark[SERVICE_MARK_MAX],
                 struct errtext *why);

/*
 * Note text in the store under that name of STORE_META.  Does nothing when
 * there is a note of that name.
 *
 * Returns 0, or -1 with the reason in *why.
 */
int service_note(struct service *service, const char *name, char *text,
                 struct errtext *why);

/* All zero is allowed. */
void service_close(struct service *service);

#endif /* SERVICE_H */
