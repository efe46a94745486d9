/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * Many processors: preloaded into a program, which then believes in 256.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <dlfcn.h>
#include <unistd.h>

long
sysconf(int name)
{
    long (*next)(int) = (long (*)(int)) dlsym(RTLD_NEXT, "sysconf");

    return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF
               ? 256
               : next(name);
}
