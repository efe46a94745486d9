/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Who guesses secrets has to wait.
 *
 * Failures of authentication with a shared secret are counted by client and
 * network, and by network, for all processes together; never by client alone,
 * so that nobody can lock a client out from elsewhere.  A network is one IPv4
 * address, or 64 bits of an IPv6 one.  Counting begins anew with each
 * GUESS_WINDOW seconds of the clock.
 *
 * From limits.failures on (GUESS_NETWORK times that for a network) each
 * failure makes who it comes from wait: a second after the first, twice as
 * long after each further one, no longer than GUESS_WAIT_MAX.  Meanwhile no
 * secret is looked at, whether it is right or wrong and of a client that
 * exists or not, and nothing is counted.
 *
 * Requests that a proxy does not tell the origin of, or that bring it about
 * that it cannot, are one network, GUESS_UNKNOWN; only what comes without any
 * address at all is not counted.
 *
 * So that the store stays small, no more than GUESS_NEW_MAX failures of those
 * that did not fail before make records in a window.  Then all networks that
 * have none share GUESS_SHARED_MAX of them, by a hash of the address, or of
 * the first 48 bits of an IPv6 one: those that have one together wait together
 * as a network does.  A network that has its own goes on with that, and so
 * does a client where a secret of it was last used from (lastuse.h): its
 * failures there make records all the same, which are as few as secrets.
 */

#ifndef GUESS_H
#define GUESS_H

#include <stdint.h>

#include "core/audit.h"
#include "core/cidr.h"
#include "core/client.h"
#include "core/errtext.h"
#include "core/oauth.h"
#include "core/request.h"
#include "core/tally.h"
#include "service.h"

enum {
    GUESS_WINDOW = 900,      /* seconds */
    GUESS_NETWORK = 10,      /* clients' worth of failures */
    GUESS_WAIT_MAX = 300,    /* seconds */
    GUESS_NEW_MAX = 50000,
    GUESS_SHARED_MAX = 1024,
    GUESS_NETWORK_MAX = CIDR_TEXT_MAX,
};

/* Failures, as far as they were read. */
struct guess_tallies {
    struct tally pair;   /* of the client from there */
    struct tally whole;  /* of the network */
    struct tally shared; /* of those without records, while whole is none */
};

/* One request with a secret.  client_id is borrowed. */
struct guess {
    const char *client_id; /* "": none that a client can have; such ids are
                              counted together */
    bool is_known;         /* network is */
    bool is_usual;         /* the client's, while others share records */
    char network[GUESS_NETWORK_MAX]; /* "": not counted */
    struct guess_tallies failed;
};

/*
 * Whether a request with a secret has to wait.  client_id is as it was
 * presented.  While nobody failed anywhere since the window began this reads
 * one number in memory; else what was read from the store within this second
 * is known.
 *
 * Returns OAUTH_OK with *guess for one of the calls below; OAUTH_TOO_MANY,
 * with who waits in audit->why, that which lasts longest first, and its end in
 * audit->retry_after; or OAUTH_UNAVAILABLE when the store failed.
 */
enum oauth_error guess_check(struct service *service,
                             const struct request *rq, const char *client_id,
                             int64_t now, struct guess *guess,
                             struct audit *audit);

/*
 * Count a failure.  Where waiting begins with it, *why, the reason of the
 * failure, says so, too; and when it cannot be counted.
 */
void guess_failed(struct service *service, const struct request *rq,
                  struct guess *guess, int64_t now, struct errtext *why);

/* Forget the failures of client and network together. */
void guess_passed(struct service *service, struct guess *guess, int64_t now);

/*
 * When who failed n times, last at that time, need not wait any more; 0 when
 * they need not at all.  limit is limits.failures, or what goes for a network.
 */
int64_t guess_wait(const struct tally *tally, int64_t limit);

/* What goes for an id that no client can have, in log and command. */
#define GUESS_IMPOSSIBLE "impossible ids"

/* Networks that are no addresses; a number follows the second. */
#define GUESS_UNKNOWN "unknown"
#define GUESS_SHARED "shared-"

struct guess_memory;

/* NULL is allowed. */
void guess_memory_close(struct guess_memory *memory);

#endif /* GUESS_H */
