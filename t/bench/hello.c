/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * The least that a FastCGI or CGI program can do: the measure for ccgrant.
 *
 * Answers every request with as many bytes as $HELLO_SIZE says, through
 * libfcgi's usual loop or, started as CGI, with printf.
 */

#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 8192 };

static const char head[] =
    "Content-Type: application/json\r\nCache-Control: no-store\r\n";

int
main(void)
{
    const char *wanted = getenv("HELLO_SIZE");
    char body[BODY_MAX + 1];
    FCGX_Request rq;
    unsigned long size = wanted != NULL ? strtoul(wanted, NULL, 10) : 700;

    if (size > BODY_MAX)
        size = BODY_MAX;
    memset(body, 'x', size);
    body[size] = '\0';
    if (getenv("REQUEST_METHOD") != NULL) {
        printf("%sContent-Length: %lu\r\n\r\n%s", head, size, body);
        return 0;
    }
    if (FCGX_Init() != 0 || FCGX_InitRequest(&rq, 0, 0) != 0)
        return 1;
    while (FCGX_Accept_r(&rq) >= 0) {
        FCGX_FPrintF(rq.out, "%sContent-Length: %d\r\n\r\n", head, (int) size);
        FCGX_PutStr(body, (int) size, rq.out);
        FCGX_Finish_r(&rq);
    }
    return 0;
}
