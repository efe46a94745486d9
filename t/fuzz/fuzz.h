/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * A fuzz target: one parser, fed with bytes by libFuzzer or by replay.c.
 */

#ifndef T_FUZZ_FUZZ_H
#define T_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* The directory of its corpus below t/fuzz/corpus. */
extern const char fuzz_corpus[];

/* Aborts when what must always hold does not.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* T_FUZZ_FUZZ_H */
