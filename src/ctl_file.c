/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The files that init makes by itself, and whether others can be made.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sbuf.h"
#include "ctl_file.h"
#include "io/path.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
#ifndef LOCALSTATEDIR
#define LOCALSTATEDIR "/var"
#endif

enum { POLICY_MAX = 2048 };

int
ctl_file_parents(const char *path, struct errtext *why)
{
    char dir[PATH_TEXT_MAX];
    mode_t mask = umask(022);
    size_t i;
    int rc = 0;

    if (path_join(dir, "", path, why) != 0)
        rc = -1;
    for (i = 1; rc == 0 && dir[i - 1] != '\0'; i++) {
        if (dir[i] != '/')
            continue;
        dir[i] = '\0';
        if (mkdir(dir, 0755) != 0 && errno != EEXIST)
            rc = errtext_set(why, "cannot make the directory %s: %s", dir,
                             strerror(errno));
        dir[i] = '/';
    }
    umask(mask);
    return rc;
}

static void
fill_template(struct sbuf *sb, const char *issuer, const char *state)
{
    sbuf_add(sb, "# The policy of ccgrant.  ccgrant.conf(5) has every key; "
                 "\"ccgrant policy check\"\n# says what is wrong here, and "
                 "where.\n\nissuer = \"");
    sbuf_add(sb, issuer);
    sbuf_add(sb, "\";  # exactly as in tokens and metadata\nstate  = \"");
    sbuf_add(sb, state);
    sbuf_add(sb, "\";  # relative: to this file\n\n"
                 "# Examples: put in the resource servers that tokens are "
                 "for, and the scopes that\n# each one knows.\n"
                 "resources = (\n"
                 "  { audience = \"https://api.example.org/orders\";\n"
                 "    scopes = [ \"orders.read\", \"orders.write\" ]; }\n"
                 ");\n\n# Roles are names for sets of scopes.\n"
                 "roles = (\n"
                 "  { name = \"order-batch\";\n"
                 "    scopes = [ \"orders.read\", \"orders.write\" ]; }\n"
                 ");\n");
}

/* In one step, readable by the web server: nothing in it is secret. */
static int
put(const char *file, const char *text, size_t len, bool *made,
    struct errtext *why)
{
    char part[PATH_TEXT_MAX];
    int n = snprintf(part, sizeof(part), "%s.%ld.init", file,
                     (long) getpid());
    int rc = 0;

    if (n < 0 || (size_t) n >= sizeof(part))
        return errtext_set(why, "the path of the policy is too long");
    if (path_write_new(part, 0644, text, len, why) != 0)
        return -1;
    if (link(part, file) == 0)
        *made = true;
    else if (errno != EEXIST)
        rc = errtext_set(why, "cannot make %s: %s", file, strerror(errno));
    (void) unlink(part);
    return rc;
}

int
ctl_file_policy(const char *file, const char *issuer, bool *made,
                struct errtext *why)
{
    bool installed = strcmp(file, SYSCONFDIR "/ccgrant/ccgrant.conf") == 0;
    char text[POLICY_MAX];
    struct sbuf sb;

    *made = false;
    sbuf_init(&sb, text, sizeof(text));
    fill_template(&sb, issuer,
                  installed ? LOCALSTATEDIR "/lib/ccgrant" : "state");
    if (sb.overflow)
        return errtext_set(why, "--issuer: the URL is too long");
    return put(file, text, sb.len, made, why);
}

int
ctl_file_is_free(int fd, const char *dir, uid_t owner, struct errtext *why)
{
    const struct dirent *entry;
    DIR *stream = fdopendir(dup(fd));
    struct stat st;
    size_t n = 0;

    if (stream == NULL || fstat(fd, &st) != 0)
        return errtext_set(why, "cannot read %s: %s", dir, strerror(errno));
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0
            && strcmp(entry->d_name, "..") != 0)
            n++;
    }
    closedir(stream);
    if (n > 0)
        return errtext_set(why, "%s is not empty: name a directory that is "
                                "not there yet",
                           dir);
    if (geteuid() == 0 && st.st_uid != 0 && st.st_uid != owner)
        return errtext_set(why, "%s belongs to another user: name a directory "
                                "that is not there yet",
                           dir);
    return 0;
}

bool
ctl_file_can_write(const char *dir)
{
    struct stat st;

    return stat(dir, &st) == 0 && S_ISDIR(st.st_mode)
           && access(dir, W_OK | X_OK) == 0;
}

/* Whether this user can make the file in its directory. */
static bool
can_make(const char *file)
{
    char dir[PATH_TEXT_MAX];
    char *slash;

    snprintf(dir, sizeof(dir), "%s", file);
    slash = strrchr(dir, '/');
    if (slash != NULL)
        slash[slash == dir ? 1 : 0] = '\0';
    return ctl_file_can_write(slash != NULL ? dir : ".");
}

int
ctl_file_log(const char *to, struct errtext *why)
{
    if (to[0] != '/' || access(to, W_OK) == 0
        || (errno == ENOENT && can_make(to)))
        return 0;
    return errtext_set(why, "%s: %s: make it writable for the user of the "
                            "web server",
                       to, strerror(errno));
}

int
ctl_file_list(const char *list, struct errtext *why)
{
    if (*list == '\0' || can_make(list))
        return 0;
    return errtext_set(why, "%.200s: its directory must be there, and the "
                            "owner of the state directory must be able to "
                            "write in it",
                       list);
}
