/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Last uses: what is recorded, how seldom, and for which credential.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "fake_expiring.h"
#include "fake_store.h"
#include "lastuse.h"
#include "sample.h"
#include "tap.h"
#include "world.h"

static const struct peer nobody; /* no certificate */

/* One authentication after another. */
static const struct {
    const char *sentence;
    const char *basic;
    const char *from;
    int64_t later;  /* seconds behind WORLD_NOW */
    bool anew;      /* the store has changed */
    bool is_refused;
    int writes;
    const char *of; /* the secret that is asked for then */
    int64_t at;     /* behind WORLD_NOW; -1: no use is known */
    const char *last_from;
} rows[] = {
    {"a wrong secret is no use", "app:x", "192.0.2.1", 0, false, true, 0,
     "s1", -1, ""},
    {"an unknown client has none", "nobody:one", "192.0.2.1", 0, false, true,
     0, "s1", -1, ""},
    {"a disabled client has none", "off:one", "192.0.2.1", 0, false, true, 0,
     "s1", -1, ""},
    {"the first use", "app:one", "192.0.2.1", 0, false, false, 1, "s1", 0,
     "192.0.2.1"},
    {"is not one of another secret", "app:one", "192.0.2.1", 1, false, false,
     0, "s2", -1, ""},
    {"the first use of another", "app:two", "2001:db8::1", 2, false, false, 1,
     "s2", 2, "2001:db8::1"},
    {"one within the hour", "app:one", "192.0.2.2", 3599, false, false, 0,
     "s1", 0, "192.0.2.1"},
    {"one within the hour, when the store has changed", "app:one",
     "192.0.2.2", 3599, true, false, 0, "s1", 0, "192.0.2.1"},
    {"one an hour later", "app:one", "192.0.2.2", 3600, false, false, 1, "s1",
     3600, "192.0.2.2"},
    {"the next within that hour", "app:one", "192.0.2.3", 7199, false, false,
     0, "s1", 3600, "192.0.2.2"},
    {"one before it, by a clock that was set back", "app:one", "192.0.2.4",
     100, false, false, 1, "s1", 100, "192.0.2.4"},
    {"one 399 days later", "app:one", "192.0.2.5", 399 * 86400, false, false,
     1, "s1", 399 * 86400, "192.0.2.5"},
    {"another's is forgotten after 400", "app:one", "192.0.2.5",
     401 * 86400, false, false, 1, "s2", -1, ""},
    {"from nowhere, as by a socket", "app:two", "", 401 * 86400, false, false,
     1, "s2", 401 * 86400, ""},
};

static enum oauth_error
authenticate(struct service *service, const char *basic, const char *from,
             int64_t later)
{
    static struct audit audit;
    char header[SAMPLE_BASIC_MAX], none[1] = "";
    struct request rq = sample_request();
    struct form form;
    struct auth auth;

    memset(&audit, 0, sizeof(audit));
    rq.authorization = header;
    rq.origin = from;
    sample_basic(header, basic);
    form_parse(&form, none, 0, NULL);
    return auth_client(service, &rq, &nobody, &form, WORLD_NOW + later, &auth,
                       &audit);
}

static void
check_rows(struct world *world)
{
    struct lastuse use;
    struct errtext why;
    size_t i;
    int rc;

    for (i = 0; i < LEN(rows); i++) {
        int64_t now = WORLD_NOW + rows[i].later;

        if (rows[i].anew)
            fake_store_put(STORE_META, "anew", "1");
        (void) fake_expiring_adds();
        tap_is_int(rows[i].is_refused,
                   authenticate(&world->service, rows[i].basic, rows[i].from,
                                rows[i].later)
                       != OAUTH_OK,
                   "%s", rows[i].sentence);
        tap_is_int(rows[i].writes, fake_expiring_adds(), "%s: writes",
                   rows[i].sentence);
        tap_ok(!fake_expiring_was_durable(), "%s: waits for no disk",
               rows[i].sentence);
        rc = lastuse_read(&world->service, "app", rows[i].of, now, &use, &why);
        tap_is_int(rows[i].at >= 0, rc, "%s: whether one is known",
                   rows[i].sentence);
        if (rc != 1)
            continue;
        tap_is_int(WORLD_NOW + rows[i].at, use.at, "%s: when",
                   rows[i].sentence);
        tap_is_str(rows[i].last_from, use.from, "%s: from where",
                   rows[i].sentence);
    }
}

/* The order of the credentials in use does not matter, up to the most. */
static void
check_many(struct world *world)
{
    enum { MANY = ROSTER_MARKS_MAX };
    struct client *cl = world_client("many", "admin");
    char text[16];
    int i, round;

    for (i = 0; i < MANY; i++) {
        snprintf(text, sizeof(text), "x%d", i);
        world_secret(world, cl, SECRET_MAC, text, 0, 0);
    }
    world_store(cl);
    (void) fake_expiring_adds();
    for (round = 0; round < 3; round++) {
        for (i = 0; i < MANY; i++) {
            snprintf(text, sizeof(text), "many:x%d", i);
            authenticate(&world->service, text, "192.0.2.1", round);
        }
    }
    tap_is_int(MANY, fake_expiring_adds(), "%d credentials: one write each",
               MANY);
}

/* Every worker reads; none of them writes what another has written. */
static void
check_others(struct world *world)
{
    struct service other;

    if (service_open(&other, &world->policy, STORE_SERVES, NULL) != 0)
        abort();
    (void) fake_expiring_adds();
    authenticate(&world->service, "app:three", "192.0.2.1", 0);
    authenticate(&other, "app:three", "192.0.2.2", 10);
    tap_is_int(1, fake_expiring_adds(), "two workers: one write");
    authenticate(&other, "app:three", "192.0.2.2", 3600);
    authenticate(&world->service, "app:three", "192.0.2.1", 3601);
    tap_is_int(1, fake_expiring_adds(), "two workers: one each hour");
    service_close(&other);
}

static void
check_trouble(struct world *world)
{
    struct lastuse use;
    struct errtext why = {.text = ""};

    fake_expiring_break(true);
    tap_is_int(OAUTH_OK, authenticate(&world->service, "app:four",
                                      "192.0.2.1", 0),
               "trouble: refuses nobody");
    tap_is_int(-1, lastuse_read(&world->service, "app", "s4", WORLD_NOW, &use,
                                &why),
               "trouble: is told to who asks");
    tap_ok(why.text[0] != '\0', "trouble: with the reason");
    fake_expiring_break(false);
    (void) fake_expiring_adds();
    authenticate(&world->service, "app:four", "192.0.2.1", 59);
    tap_is_int(0, fake_expiring_adds(), "trouble: is not tried at once");
    authenticate(&world->service, "app:four", "192.0.2.1", 60);
    tap_is_int(1, fake_expiring_adds(), "trouble: but a minute later");
}

int
main(void)
{
    struct world world;
    struct client *cl;

    world_open(&world);
    cl = world_client("app", "admin");
    world_secret(&world, cl, SECRET_MAC, "one", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "two", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "three", 0, 0);
    world_secret(&world, cl, SECRET_MAC, "four", 0, 0);
    world_store(cl);
    cl = world_client("off", "admin");
    cl->enabled = false;
    world_secret(&world, cl, SECRET_MAC, "one", 0, 0);
    world_store(cl);
    check_rows(&world);
    check_others(&world);
    check_trouble(&world);
    check_many(&world);
    world_close(&world);
    return tap_done();
}
