/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Revoking access tokens, and the signed list of those that were.
 *
 * What a list would be made of now is known by the mark of the last revocation
 * and by the time of "all".  A note in the store has what the list in the file
 * was made of.  Where they differ the list lacks something, whatever became of
 * those who were to write it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "active_priv.h"
#include "core/b64.h"
#include "core/revlist.h"
#include "io/crypto.h"
#include "io/path.h"
#include "mint.h"
#include "revocation_priv.h"

enum {
    TIME_TEXT = 24, /* bytes */
    MARK_LEN = 16,
};

static const char lock_name[] = "revocations.lock";

static int remove_opaque(struct service *service, const struct active *active,
                         int64_t now, struct errtext *why);
static int record_jwt(struct service *service, const struct active *active,
                      int64_t now, struct errtext *why);
static int raise_client(struct service *service, const char *client_id,
                        int64_t until, int64_t now, struct errtext *why);
static store_edit_fn raise_all;

size_t
revocation_key(char key[EXPIRING_KEY_MAX], const char *kind,
               const char *subject)
{
    size_t kind_len = strlen(kind) + 1, len = strlen(subject);

    memcpy(key, kind, kind_len);
    memcpy(key + kind_len, subject, len + 1);
    return kind_len + len;
}

/* A mark that was never there: what the list lacks is known by it. */
static int
add_mark(struct expiring_record *record, int64_t now,
         char text[REVOCATION_MARK_MAX], struct errtext *why)
{
    unsigned char random[MARK_LEN];

    if (crypto_random(random, sizeof(random), why) != 0)
        return -1;
    b64url_encode(random, sizeof(random), text);
    *record = (struct expiring_record){
        .table = EXPIRING_COUNTERS,
        .key = REVOCATION_MARK_KIND,
        .key_len = sizeof(REVOCATION_MARK_KIND),
        .expires = now + REVOCATION_KEPT,
        .text = text,
    };
    return 0;
}

/* What is for the list comes with a mark, in the same transaction. */
static int
commit(struct service *service, const struct expiring_record *records,
       size_t n, int64_t now, struct errtext *why)
{
    struct expiring_record all[EXPIRING_RECORDS_MAX];
    struct expiring_change change = {
        .records = all, .n_records = n + 1, .durable = true};
    char mark[REVOCATION_MARK_MAX];
    size_t there;

    memcpy(all, records, n * sizeof(*records));
    if (add_mark(&all[n], now, mark, why) != 0)
        return -1;
    return expiring_commit(service->expiring, &change, now, &there, why) < 0
               ? -1
               : 0;
}

int
revocation_token(struct service *service, const struct active *active,
                 int64_t now, struct errtext *why)
{
    /* An opaque token is never on the list: whoever gets one must ask. */
    return active->is_opaque ? remove_opaque(service, active, now, why)
                             : record_jwt(service, active, now, why);
}

static int
remove_opaque(struct service *service, const struct active *active,
              int64_t now, struct errtext *why)
{
    const struct expiring_record record = {
        .table = EXPIRING_TOKENS,
        .key = active->name,
        .key_len = sizeof(active->name),
    };
    const struct expiring_change change = {
        .records = &record, .n_records = 1, .durable = true};
    size_t there;

    return expiring_commit(service->expiring, &change, now, &there, why) < 0
               ? -1
               : 0;
}

static int
record_jwt(struct service *service, const struct active *active, int64_t now,
           struct errtext *why)
{
    char key[EXPIRING_KEY_MAX];
    size_t jti_len = strlen(active->jti);
    size_t len = revocation_key(key, REVOCATION_TOKEN_KIND,
                                active->client_id) + 1;
    char text[TIME_TEXT];
    const struct expiring_record records[] = {
        {.table = EXPIRING_TOKENS,
         .key = active->jti,
         .key_len = jti_len,
         .expires = active->exp + REVOCATION_SKEW,
         .text = ""},
        {.table = EXPIRING_COUNTERS,
         .key = key,
         .key_len = len + jti_len,
         .expires = active->exp + REVOCATION_SKEW,
         .text = text},
    };

    memcpy(key + len, active->jti, jti_len);
    snprintf(text, sizeof(text), "%lld", (long long) active->iat);
    return commit(service, records, 2, now, why);
}

int
revocation_lock_path(const struct service *service, char path[PATH_TEXT_MAX],
                     struct errtext *why)
{
    return path_join(path, service->policy->state, lock_name, why);
}

int
revocation_lock(struct service *service, int seconds, int *fd,
                struct errtext *why)
{
    char path[PATH_TEXT_MAX];
    int rc;

    if (revocation_lock_path(service, path, why) != 0)
        return -1;
    rc = path_lock(path, seconds, fd, why);
    if (rc == 0)
        errtext_set(why, "another process has held %s for %d seconds", path,
                    seconds);
    return rc;
}

int
revocation_client(struct service *service, const char *client_id,
                  int64_t until, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (revocation_lock(service, REVOCATION_WAIT, &fd, why) != 1)
        return -1;
    rc = raise_client(service, client_id, until, now, why);
    path_unlock(fd);
    return rc;
}

static int
raise_client(struct service *service, const char *client_id, int64_t until,
             int64_t now, struct errtext *why)
{
    char old[EXPIRING_TEXT_MAX + 1], key[EXPIRING_KEY_MAX];
    char text[TIME_TEXT];
    struct expiring_record record = {
        .table = EXPIRING_COUNTERS,
        .key = key,
        .key_len = revocation_key(key, REVOCATION_CLIENT_KIND, client_id),
        .expires = until + REVOCATION_KEPT + REVOCATION_SKEW,
        .text = text,
    };
    int rc = expiring_read(service->expiring, record.table, key,
                           record.key_len, now, old, sizeof(old), NULL, NULL,
                           why);

    if (rc < 0 || (rc == 1 && strtoll(old, NULL, 10) >= until))
        return rc < 0 ? -1 : 0;
    snprintf(text, sizeof(text), "%lld", (long long) until);
    return commit(service, &record, 1, now, why);
}

int
revocation_all(struct service *service, int64_t until, struct errtext *why)
{
    return store_edit(service->store, STORE_META, REVOCATION_ALL_META,
                      raise_all, &until, why);
}

static int
raise_all(void *arg, const char *old, size_t len, char **value,
          struct errtext *why)
{
    const int64_t *until = arg;

    (void) len;
    (void) why;
    if (old != NULL && strtoll(old, NULL, 10) > *until)
        return 0;
    *value = malloc(TIME_TEXT);
    if (*value == NULL)
        abort();
    snprintf(*value, TIME_TEXT, "%lld", (long long) *until);
    return 1;
}

enum {
    SHARE_STEP = 4, /* by which the shares are divided */
    SIGNED_MORE = CLAIMS_HEADER_MAX * 2 + JOSE_SIG_MAX * 2, /* bytes */
};

/* What is being collected. */
struct harvest {
    struct revlist *list;
    int64_t *n;
};

static struct revlist *collect(struct service *service, size_t share,
                               int64_t now, int64_t *n, struct errtext *why);
static expiring_each_fn add_entry;
static int sign_list(struct service *service, const char *claims, size_t len,
                     int64_t now, struct errtext *why);

/* When it is too long with the shares that clients have, they have less. */
int
revocation_list_write(struct service *service, int64_t now, int64_t *n,
                      struct errtext *why)
{
    size_t share = REVLIST_SHARE, len;
    struct revlist *list;
    const char *claims;
    int rc;

    while ((list = collect(service, share, now, n, why)) != NULL
           && (claims = revlist_end(list, &len)) == NULL && share > 0) {
        revlist_free(list);
        share /= SHARE_STEP;
    }
    if (list == NULL)
        return -1;
    rc = claims != NULL ? sign_list(service, claims, len, now, why)
                        : errtext_set(why, "it is over %d bytes: revoke by "
                                           "time, not client by client",
                                      REVLIST_MAX);
    revlist_free(list);
    return rc;
}

static struct revlist *
collect(struct service *service, size_t share, int64_t now, int64_t *n,
        struct errtext *why)
{
    struct revlist_head head = {
        .issuer = service->policy->issuer,
        .iat = now,
        .exp = now + service->policy->revocations.lifetime,
        .share = share,
    };
    const struct active_memory *memory = active_memory_ready(service, why);
    struct harvest harvest = {.n = n};

    *n = 0;
    if (memory == NULL)
        return NULL;
    head.all = memory->all_until;
    harvest.list = revlist_new(&head);
    /* In the order of the keys: the clients, then the tokens of each. */
    if (expiring_each(service->expiring, EXPIRING_COUNTERS, REVOCATION_KINDS,
                      now, add_entry, &harvest, why)
        == 0)
        return harvest.list;
    revlist_free(harvest.list);
    return NULL;
}

/* Take what is before the next zero byte, or the end, and move behind it. */
static struct revlist_name
next_name(const char **at, const char *end)
{
    struct revlist_name name = {*at, (size_t) (end - *at)};
    const char *zero = memchr(*at, '\0', name.len);

    if (zero != NULL)
        name.len = (size_t) (zero - *at);
    *at = zero != NULL ? zero + 1 : end;
    return name;
}

static int
add_entry(void *arg, const void *key, size_t key_len, int64_t expires,
          const char *text, size_t len)
{
    const char *at = key, *end = at + key_len;
    struct revlist_name kind = next_name(&at, end),
                        client = next_name(&at, end),
                        jti = next_name(&at, end);
    struct harvest *harvest = arg;
    int64_t when = strtoll(text, NULL, 10);

    (void) len;
    ++*harvest->n;
    if (kind.len == key_len)
        return 0;
    if (strcmp(kind.text, REVOCATION_CLIENT_KIND) == 0)
        revlist_add_client(harvest->list, &client, when);
    else if (strcmp(kind.text, REVOCATION_TOKEN_KIND) == 0)
        revlist_add_token(harvest->list, &client, &jti, when,
                          expires - REVOCATION_SKEW);
    return 0;
}

static int
sign_list(struct service *service, const char *claims, size_t len,
          int64_t now, struct errtext *why)
{
    const struct policy *policy = service->policy;
    size_t jwt_len, cap = len / 3 * 4 + SIGNED_MORE;
    char *jwt = malloc(cap);
    int rc;

    if (jwt == NULL)
        abort();
    rc = mint_statement(service, REVLIST_TYP, policy->token.alg, claims, len,
                        now, jwt, cap, &jwt_len, why);
    if (rc == 0)
        rc = path_replace(policy->revocations.file, jwt, jwt_len, why);
    free(jwt);
    return rc;
}

/* The note, in EXPIRING_COUNTERS; behind it a zero byte and the SHA-256 of the
 * file's name.  Its text: when, how many records, and what it was made of. */
#define NOTE_KIND "revocation_list"

enum {
    LOOK = 60,    /* seconds between two looks */
    SOON = 2,     /* seconds, when something was left */
    MANY = 5000,  /* records: 10 ms */
    ROUNDS = 3,   /* lists that one writes, for those who wait */
    FINISHED = 0, /* a time */
    TRIES = 10,   /* for the lock */
    TRY_NS = 20000000,
    MADE_OF_MAX = REVOCATION_MARK_MAX + 24,
    NOTE_MAX = MADE_OF_MAX + 48,
};

/* How the list stands. */
struct state {
    char made_of[MADE_OF_MAX]; /* what it would be made of now */
    char listed[MADE_OF_MAX];  /* what that in the file was made of, or "" */
    int64_t at;                /* when somebody tried, or 0 */
    int64_t n;                 /* records, then */
};

static int read_state(struct service *service, int64_t now,
                      struct state *state, struct errtext *why);
static void write_note(struct service *service, const struct state *state,
                       const char *listed, int64_t now);
static int write_lists(struct service *service, int fd, int64_t now,
                       struct errtext *why);
static bool was_tried(const struct service *service, int64_t now);
static int lock_soon(struct service *service, int *fd, struct errtext *why);
static int is_due(struct service *service, int64_t now, struct errtext *why);

static bool
has_file(const struct service *service)
{
    return service->policy->revocations.file[0] != '\0';
}

static bool
is_behind(const struct state *state)
{
    return strcmp(state->listed, state->made_of) != 0;
}

/* Read a record; "" when there is none. */
static int
read_text(struct service *service, const void *key, size_t len, int64_t now,
          char text[EXPIRING_TEXT_MAX + 1], struct errtext *why)
{
    text[0] = '\0';
    return expiring_read(service->expiring, EXPIRING_COUNTERS, key, len, now,
                         text, EXPIRING_TEXT_MAX + 1, NULL, NULL, why);
}

static size_t
note_key(const struct service *service, char key[EXPIRING_KEY_MAX])
{
    const char *file = service->policy->revocations.file;
    unsigned char digest[CRYPTO_SHA256_LEN];
    char name[2 * CRYPTO_SHA256_LEN];

    crypto_sha256(file, strlen(file), digest);
    b64url_encode(digest, sizeof(digest), name);
    return revocation_key(key, NOTE_KIND, name);
}

static int
read_state(struct service *service, int64_t now, struct state *state,
           struct errtext *why)
{
    const struct active_memory *memory = active_memory_ready(service, why);
    char text[EXPIRING_TEXT_MAX + 1], key[EXPIRING_KEY_MAX], *rest;

    memset(state, 0, sizeof(*state));
    if (memory == NULL
        || read_text(service, REVOCATION_MARK_KIND,
                     sizeof(REVOCATION_MARK_KIND), now, text, why)
               < 0)
        return -1;
    snprintf(state->made_of, sizeof(state->made_of), "%.*s %lld",
             REVOCATION_MARK_MAX - 1, text, (long long) memory->all_until);
    if (read_text(service, key, note_key(service, key), now, text, why) < 0)
        return -1;
    state->at = strtoll(text, &rest, 10);
    state->n = strtoll(rest, &rest, 10);
    if (*rest == ' ')
        snprintf(state->listed, sizeof(state->listed), "%.*s",
                 MADE_OF_MAX - 1, rest + 1);
    return 0;
}

/* Without it the list is written once more; so nobody waits for the disk. */
static void
write_note(struct service *service, const struct state *state,
           const char *listed, int64_t now)
{
    char key[EXPIRING_KEY_MAX], text[NOTE_MAX];
    const struct expiring_record record = {
        .table = EXPIRING_COUNTERS,
        .key = key,
        .key_len = note_key(service, key),
        .expires = now + REVOCATION_KEPT,
        .text = text,
    };
    const struct expiring_change change = {.records = &record,
                                           .n_records = 1};
    struct errtext trouble;
    size_t there;

    snprintf(text, sizeof(text), "%lld %lld %s", (long long) state->at,
             (long long) state->n, listed);
    (void) expiring_commit(service->expiring, &change, now, &there, &trouble);
}

/*
 * Under the lock: write the list, and again when more was revoked meanwhile by
 * those who did not wait.  The file of the lock has the time when it was begun
 * and not finished, where a full disk takes it too.
 */
static int
write_lists(struct service *service, int fd, int64_t now, struct errtext *why)
{
    struct state state;
    int round = 0, rc = read_state(service, now, &state, why);

    (void) path_stamp(fd, now);
    while (rc == 0) {
        state.at = now;
        rc = revocation_list_write(service, now, &state.n, why);
        write_note(service, &state, rc == 0 ? state.made_of : state.listed,
                   now);
        if (rc != 0 || state.n > MANY || ++round == ROUNDS)
            break;
        rc = read_state(service, now, &state, why);
        if (rc == 0 && !is_behind(&state))
            break;
    }
    if (rc != 0)
        return rc;
    (void) path_stamp(fd, FINISHED);
    if (state.n > MANY || round == ROUNDS)
        service->list_look = now + SOON;
    return 0;
}

/* Whatever becomes of this, the list has not been written for it. */
int
revocation_publish(struct service *service, int64_t now, struct errtext *why)
{
    struct state state;
    int fd, rc;

    if (!has_file(service))
        return 0;
    rc = read_state(service, now, &state, why);
    if (rc == 0) {
        write_note(service, &state, "", now);
        rc = revocation_lock(service, REVOCATION_WAIT, &fd, why) == 1 ? 0 : -1;
    }
    if (rc == 0) {
        rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not written");
}

int
revocation_settle(struct service *service, int64_t now, struct errtext *why)
{
    struct state state;
    int fd, rc;

    if (!has_file(service))
        return 0;
    rc = read_state(service, now, &state, why);
    if (rc == 0 && !is_behind(&state))
        return 0;
    service->list_look = now;
    if (rc == 0 && state.n > MANY)
        return 0;
    if (rc == 0) {
        rc = lock_soon(service, &fd, why);
        if (rc == 0)
            return 0;
    }
    if (rc == 1) {
        /* Whoever had the lock may have written this too. */
        rc = read_state(service, now, &state, why);
        if (rc == 0 && is_behind(&state))
            rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not written");
}

/* Returns as revocation_lock() does. */
static int
lock_soon(struct service *service, int *fd, struct errtext *why)
{
    static const struct timespec pause = {0, TRY_NS};
    int i, rc = revocation_lock(service, 0, fd, why);

    for (i = 0; i < TRIES && rc == 0; i++) {
        (void) nanosleep(&pause, NULL);
        rc = revocation_lock(service, 0, fd, why);
    }
    return rc;
}

int
revocation_refresh(struct service *service, int64_t now, struct errtext *why)
{
    int fd, rc;

    if (!has_file(service) || now < service->list_look)
        return 0;
    if (was_tried(service, now)) {
        service->list_look = now + SOON;
        return 0;
    }
    service->list_look = now + LOOK;
    rc = is_due(service, now, why);
    if (rc == 1) {
        rc = revocation_lock(service, 0, &fd, why);
        if (rc == 0)
            service->list_look = now + SOON;
    }
    if (rc == 0)
        return 0;
    if (rc == 1) {
        rc = is_due(service, now, why);
        if (rc == 1)
            rc = write_lists(service, fd, now, why);
        path_unlock(fd);
    }
    return rc == 0 ? 0
                   : errtext_context(why, "the list of revoked tokens was "
                                          "not renewed");
}

/* Whether anybody has tried within a minute, and failed or not yet finished:
 * a process of plain CGI has no other memory. */
static bool
was_tried(const struct service *service, int64_t now)
{
    char path[PATH_TEXT_MAX];
    struct errtext trouble;
    int64_t when;

    return revocation_lock_path(service, path, &trouble) == 0
           && path_written(path, &when, &trouble) == 1 && when <= now
           && now < when + LOOK;
}

/* Returns 1, 0, or -1 with the reason in *why. */
static int
is_due(struct service *service, int64_t now, struct errtext *why)
{
    int64_t written, lifetime = service->policy->revocations.lifetime;
    struct state state;
    int rc = path_written(service->policy->revocations.file, &written, why);

    if (rc != 1)
        return rc == 0 ? 1 : -1;
    if (now >= written + lifetime / 2
        || written > now + LOOK) /* the clock was wrong then */
        return 1;
    if (read_state(service, now, &state, why) != 0)
        return -1;
    if (!is_behind(&state))
        return 0;
    if (state.n <= MANY || now < state.at || now >= state.at + SOON)
        return 1;
    service->list_look = now + SOON;
    return 0;
}
