/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Secrets, and hashes of secrets, from files.
 */

#include <string.h>

#include "core/utf8.h"
#include "ctl_args.h"
#include "ctl_credential.h"
#include "io/crypto.h"
#include "io/path.h"

static int read_file(struct ctl_credential *new, const char *file,
                     struct errtext *why);
static int check_chosen(const struct ctl_credential *new, struct errtext *why);
static int check_hash(struct ctl_credential *new, struct errtext *why);

int
ctl_credential_read(const struct ctl *ctl, struct ctl_credential *new,
                    struct errtext *why)
{
    const char *file = ctl_args_value(ctl, "secret-file");
    const char *hash = ctl_args_value(ctl, "hash-file");
    int rc;

    memset(new, 0, sizeof(*new));
    if (file == NULL && hash == NULL)
        return 0;
    if (file != NULL && hash != NULL)
        return errtext_set(why, "--hash-file: --secret-file has the secret "
                                "itself: give one of the two");
    new->chosen = true;
    new->imported = hash != NULL;
    rc = read_file(new, file != NULL ? file : hash, why);
    if (rc == 0)
        rc = new->imported ? check_hash(new, why) : check_chosen(new, why);
    return rc == 0 ? 0
                   : errtext_context(why, new->imported ? "--hash-file"
                                                        : "--secret-file");
}

/* Without the end of its line; of a hash, without all that there are. */
static int
read_file(struct ctl_credential *new, const char *file, struct errtext *why)
{
    char buf[CTL_CREDENTIAL_MAX + 2]; /* with the end of the line */
    long len;
    int rc = -1;

    len = path_read(file, buf, sizeof(buf), why);
    if (len > 0 && buf[len - 1] == '\n')
        len--;
    while (new->imported && len > 0
           && (buf[len - 1] == '\n' || buf[len - 1] == '\r'))
        len--;
    if (len > CTL_CREDENTIAL_MAX)
        errtext_set(why, "it is over %d bytes", CTL_CREDENTIAL_MAX);
    if (len >= 0 && len <= CTL_CREDENTIAL_MAX) {
        memcpy(new->text, buf, (size_t) len);
        new->len = (size_t) len;
        rc = 0;
    }
    crypto_wipe(buf, sizeof(buf));
    return rc;
}

/* A salt that its library does not take is found out by trying. */
static int
check_hash(struct ctl_credential *new, struct errtext *why)
{
    if (strlen(new->text) != new->len)
        return errtext_set(why, "the hash has a zero byte");
    if (strpbrk(new->text, "\r\n") != NULL)
        return errtext_set(why, "there is more than one line: a client has "
                                "one hash");
    if (strchr(new->text, ':') != NULL)
        return errtext_set(why, "there is a colon: cut off the name that "
                                "stands before the hash, and what follows "
                                "it");
    if (foreign_check(new->text, new->cost, why) != 0
        || foreign_verify(new->text, "", 0, why) < 0)
        return -1;
    return 0;
}

static int
check_chosen(const struct ctl_credential *new, struct errtext *why)
{
    size_t i, characters = 0;

    if (new->len == 0)
        return errtext_set(why, "the secret is empty");
    for (i = 0; i < new->len; i++) {
        unsigned char c = (unsigned char) new->text[i];

        if (c < 0x20 || c == 0x7f)
            return errtext_set(why, "the secret has a control character; a "
                                    "line end is allowed at its end alone");
        characters += (c & 0xc0) != 0x80;
    }
    if (!utf8_is_valid(new->text, new->len))
        return errtext_set(why, "the secret is not UTF-8");
    if (characters < CTL_CREDENTIAL_LEAST)
        return errtext_set(why, "the secret is shorter than %d characters "
                                "(RFC 6749, 10.10); for client_secret_jwt "
                                "it needs 32 bytes (RFC 7518, 3.2)",
                           CTL_CREDENTIAL_LEAST);
    return 0;
}
