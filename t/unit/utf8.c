/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * UTF-8: every text of one to three bytes by the rule, and the edges of four.
 */

#include <string.h>

#include "core/utf8.h"
#include "tap.h"

static const struct {
    const char *sentence;
    const char *text;
    bool valid;
} rows[] = {
    {"the empty text is valid", "", true},
    {"ASCII is valid", "abc ~", true},
    {"two bytes are valid", "\xc2\xa3", true},
    {"three bytes are valid", "\xe2\x82\xac", true},
    {"four bytes are valid", "\xf0\x9f\x92\xa9", true},
    {"a mixture is valid", "a\xc2\xa3" "b\xe2\x82\xac", true},
    {"the first character of four bytes is valid", "\xf0\x90\x80\x80", true},
    {"U+10FFFF is valid", "\xf4\x8f\xbf\xbf", true},
    {"U+110000 is refused", "\xf4\x90\x80\x80", false},
    {"a fifth plane group is refused", "\xf5\x80\x80\x80", false},
    {"an overlong form of four bytes is refused", "\xf0\x8f\xbf\xbf", false},
    {"an overlong form of three bytes is refused", "\xe0\x9f\xbf", false},
    {"an overlong NUL is refused", "\xc0\x80", false},
    {"an overlong solidus is refused", "\xc0\xaf", false},
    {"the highest overlong form of two is refused", "\xc1\xbf", false},
    {"the first surrogate is refused", "\xed\xa0\x80", false},
    {"the last surrogate is refused", "\xed\xbf\xbf", false},
    {"the last before the surrogates is valid", "\xed\x9f\xbf", true},
    {"the first behind the surrogates is valid", "\xee\x80\x80", true},
    {"a lone second byte is refused", "\x80", false},
    {"a lone second byte behind text is refused", "a\xbf", false},
    {"two bytes cut short are refused", "\xc2", false},
    {"three bytes cut short are refused", "\xe2\x82", false},
    {"four bytes cut short are refused", "\xf0\x9f\x92", false},
    {"a sequence broken by ASCII is refused", "\xe2\x82" "a", false},
    {"a third byte out of range is refused", "\xe2\x82\xc0", false},
    {"a fourth byte out of range is refused", "\xf0\x9f\x92\x7f", false},
    {"five bytes are refused", "\xf8\x88\x80\x80\x80", false},
    {"0xFE is refused", "\xfe", false},
    {"0xFF is refused", "\xff", false},
};

/*
 * The rule, by arithmetic: read one character of at most three bytes and say
 * how many bytes it had, or 0.
 */
static size_t
by_rule(const unsigned char *p, size_t len)
{
    unsigned value;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >> 5 == 6 && len >= 2 && p[1] >> 6 == 2) {
        value = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
        return value >= 0x80 ? 2 : 0;
    }
    if (p[0] >> 4 == 14 && len >= 3 && p[1] >> 6 == 2 && p[2] >> 6 == 2) {
        value = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
        return value >= 0x800 && (value < 0xd800 || value > 0xdfff) ? 3 : 0;
    }
    return 0;
}

static bool
is_valid_by_rule(const unsigned char *p, size_t len)
{
    while (len > 0) {
        size_t n = by_rule(p, len);

        if (n == 0)
            return false;
        p += n;
        len -= n;
    }
    return true;
}

static void
test_all(size_t len)
{
    unsigned long n, wrong = 0;

    for (n = 0; n < 1ul << (8 * len); n++) {
        unsigned char text[3] = {(unsigned char) n, (unsigned char) (n >> 8),
                                 (unsigned char) (n >> 16)};

        if (utf8_is_valid((const char *) text, len)
            != is_valid_by_rule(text, len))
            wrong++;
    }
    tap_is_int(0, (long long) wrong, "every text of %zu bytes is by the rule",
               len);
}

int
main(void)
{
    size_t i;

    for (i = 0; i < LEN(rows); i++)
        tap_ok(utf8_is_valid(rows[i].text, strlen(rows[i].text))
                   == rows[i].valid,
               "%s", rows[i].sentence);
    tap_ok(utf8_is_valid("a\0b", 3), "NUL is a character like another");
    tap_ok(utf8_is_valid("\xc2\xa3", 0), "no byte behind the end is read");
    for (i = 1; i <= 3; i++)
        test_all(i);
    return tap_done();
}
