/*
 * SPDX-License-Identifier: ISC
 * Copyright 2026 The ccgrant authors
 *
 * FastCGI records: where one request begins and ends (FastCGI 1.0, 3 and 5).
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <string.h>

#include "io/crypto.h"
#include "io/web_priv.h"

enum {
    BEGIN_REQUEST = 1,
    ABORT_REQUEST = 2,
    END_REQUEST = 3,
    PARAMS = 4,
    STDIN = 5,
    GET_VALUES = 9,
    GET_VALUES_RESULT = 10,
    UNKNOWN_TYPE = 11,

    RESPONDER = 1, /* the only role played here */
    KEEP_CONN = 1, /* the only flag */

    REQUEST_COMPLETE = 0,
    CANT_MPX_CONN = 1,
    UNKNOWN_ROLE = 3,
};

/* A whole record. */
struct record {
    unsigned type;
    unsigned id;
    const unsigned char *content;
    size_t len;   /* bytes of content */
    size_t total; /* bytes with header and padding */
};

/* What becomes of a record. */
enum fate { KEEP, DROP, LAST, TOO_LARGE, OVER, BROKEN };

static bool read_header(struct record *rec, const unsigned char *at);
static bool over_limit(struct web_frame *frame, const struct record *rec,
                       size_t body_max);
static enum fate judge(struct web_frame *frame, const struct record *rec);
static void keep(struct web_frame *frame, const struct record *rec,
                 unsigned char *buf, size_t in);
static enum fate begin(struct web_frame *frame, const struct record *rec);
static enum fate take_back(struct web_frame *frame);
static enum fate add_params(struct web_frame *frame, const struct record *rec);
static enum fate add_body(struct web_frame *frame, const struct record *rec);
static enum fate manage(struct web_frame *frame, const struct record *rec);
static enum fate get_values(struct web_frame *frame,
                            const struct record *rec);
static bool walk_pairs(struct web_frame *frame, const unsigned char *bytes,
                       size_t len);
static size_t read_length(const unsigned char *at, size_t *value);
static enum fate end_request(struct web_frame *frame, unsigned id,
                             unsigned char status);
static bool answer(struct web_frame *frame, unsigned char type, unsigned id,
                   const unsigned char *content, size_t len);
static void forget(struct web_frame *frame);

enum web_frame_state
web_frame_scan(struct web_frame *frame, unsigned char *buf, size_t *len,
               size_t body_max)
{
    static const enum web_frame_state states[] = {
        [KEEP] = WEB_FRAME_MORE,   [DROP] = WEB_FRAME_MORE,
        [LAST] = WEB_FRAME_WHOLE,  [TOO_LARGE] = WEB_FRAME_TOO_LARGE,
        [OVER] = WEB_FRAME_OVER,   [BROKEN] = WEB_FRAME_BROKEN,
    };
    enum web_frame_state state = WEB_FRAME_MORE;
    size_t in = frame->len;
    struct record rec;

    while (state == WEB_FRAME_MORE && *len - in >= WEB_FRAME_HEADER) {
        if (!read_header(&rec, buf + in)) {
            state = WEB_FRAME_BROKEN;
        } else if (over_limit(frame, &rec, body_max)) {
            state = WEB_FRAME_TOO_LARGE;
        } else if (*len - in < rec.total) {
            break;
        } else {
            enum fate fate = judge(frame, &rec);

            if (fate == KEEP || fate == LAST)
                keep(frame, &rec, buf, in);
            in += rec.total;
            state = states[fate];
        }
    }
    if (in != frame->len) {
        memmove(buf + frame->len, buf + in, *len - in);
        *len -= in - frame->len;
    }
    return state;
}

void
web_frame_next(struct web_frame *frame, unsigned char *buf, size_t *len)
{
    size_t rest = *len - frame->len;

    memmove(buf, buf + frame->len, rest);
    crypto_wipe(buf + rest, frame->len);
    *len = rest;
    forget(frame);
}

void
web_frame_params_end(const struct web_frame *frame,
                     unsigned char record[WEB_FRAME_HEADER])
{
    memset(record, 0, WEB_FRAME_HEADER);
    record[0] = 1;
    record[1] = PARAMS;
    record[2] = (unsigned char) (frame->id >> 8);
    record[3] = (unsigned char) frame->id;
}

/* Returns whether this can be a record: there is one version. */
static bool
read_header(struct record *rec, const unsigned char *at)
{
    rec->type = at[1];
    rec->id = (unsigned) at[2] << 8 | at[3];
    rec->content = at + WEB_FRAME_HEADER;
    rec->len = (size_t) at[4] << 8 | at[5];
    rec->total = WEB_FRAME_HEADER + rec->len + at[6];
    return at[0] == 1;
}

/* Known from the header alone, before the content is waited for. */
static bool
over_limit(struct web_frame *frame, const struct record *rec, size_t body_max)
{
    if (frame->id == 0 || rec->id != frame->id)
        return false;
    if (rec->type == PARAMS)
        return rec->len > WEB_FRAME_PARAMS - frame->params;
    if (rec->type != STDIN || !frame->params_whole)
        return false;
    if (frame->body > body_max || rec->len > body_max - frame->body)
        frame->over = true;
    return frame->over && (!frame->keep || frame->body > WEB_FRAME_DROP);
}

/* Records of a request that is refused or over are no error: they trail in. */
static enum fate
judge(struct web_frame *frame, const struct record *rec)
{
    if (rec->id == 0)
        return manage(frame, rec);
    if (rec->type == BEGIN_REQUEST)
        return begin(frame, rec);
    if (rec->id != frame->id)
        return DROP;
    switch (rec->type) {
    case ABORT_REQUEST:
        return take_back(frame);
    case PARAMS:
        return add_params(frame, rec);
    case STDIN:
        return add_body(frame, rec);
    default:
        return BROKEN;
    }
}

static enum fate
begin(struct web_frame *frame, const struct record *rec)
{
    bool kept;

    if (rec->len != 8 || rec->id == frame->id)
        return BROKEN;
    if (frame->id != 0)
        return end_request(frame, rec->id, CANT_MPX_CONN);
    kept = (rec->content[2] & KEEP_CONN) != 0;
    if (rec->content[0] != 0 || rec->content[1] != RESPONDER) {
        enum fate fate = end_request(frame, rec->id, UNKNOWN_ROLE);

        return fate == DROP && !kept ? OVER : fate;
    }
    frame->id = rec->id;
    frame->keep = kept;
    return KEEP;
}

/* The records so far are dropped with the one that takes them back. */
static enum fate
take_back(struct web_frame *frame)
{
    enum fate fate = end_request(frame, frame->id, REQUEST_COMPLETE);

    if (fate == DROP && !frame->keep)
        fate = OVER;
    forget(frame);
    return fate;
}

static enum fate
add_params(struct web_frame *frame, const struct record *rec)
{
    if (frame->params_whole)
        return BROKEN;
    if (!walk_pairs(frame, rec->content, rec->len))
        return TOO_LARGE;
    frame->params += rec->len;
    if (rec->len > 0)
        return KEEP;
    if (frame->pair.have > 0 || frame->pair.skip > 0)
        return BROKEN;
    frame->params_whole = true;
    return KEEP;
}

static enum fate
add_body(struct web_frame *frame, const struct record *rec)
{
    if (!frame->params_whole)
        return BROKEN;
    frame->body += rec->len;
    frame->whole = rec->len == 0;
    if (frame->whole)
        return frame->over ? TOO_LARGE : LAST;
    return frame->over ? DROP : KEEP;
}

static enum fate
manage(struct web_frame *frame, const struct record *rec)
{
    unsigned char unknown[8] = { (unsigned char) rec->type };

    if (rec->type == BEGIN_REQUEST)
        return BROKEN;
    if (rec->type == GET_VALUES)
        return get_values(frame, rec);
    return answer(frame, UNKNOWN_TYPE, 0, unknown, sizeof(unknown)) ? DROP
                                                                    : BROKEN;
}

/* One request at a time on a connection; the connections are many. */
static enum fate
get_values(struct web_frame *frame, const struct record *rec)
{
    static const struct {
        const char *name;
        const char *pair;
    } values[] = {
        { "FCGI_MAX_CONNS", "\016\003FCGI_MAX_CONNS256" },
        { "FCGI_MAX_REQS", "\015\003FCGI_MAX_REQS256" },
        { "FCGI_MPXS_CONNS", "\017\001FCGI_MPXS_CONNS0" },
    };
    unsigned char result[64];
    size_t len = 0;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        size_t n = strlen(values[i].pair);

        if (memmem(rec->content, rec->len, values[i].name,
                   strlen(values[i].name)) == NULL)
            continue;
        memcpy(result + len, values[i].pair, n);
        len += n;
    }
    return answer(frame, GET_VALUES_RESULT, 0, result, len) ? DROP : BROKEN;
}

/*
 * libfcgi 2.4.2 adds the two lengths of a pair in an int and allocates the
 * sum, whatever the record holds; so none is let through that is longer than
 * all variables together may be.
 */
static bool
walk_pairs(struct web_frame *frame, const unsigned char *bytes, size_t len)
{
    while (len > 0) {
        size_t name, value = 0, used, n;

        if (frame->pair.skip > 0) {
            n = frame->pair.skip < len ? frame->pair.skip : len;
            frame->pair.skip -= n;
            bytes += n;
            len -= n;
            continue;
        }
        frame->pair.head[frame->pair.have++] = *bytes++;
        len--;
        used = read_length(frame->pair.head, &name);
        if (frame->pair.have <= used)
            continue;
        used += read_length(frame->pair.head + used, &value);
        if (frame->pair.have < used)
            continue;
        if (name > WEB_FRAME_PARAMS || value > WEB_FRAME_PARAMS)
            return false;
        frame->pair.skip = name + value;
        frame->pair.have = 0;
    }
    return true;
}

/* Returns the bytes that the length takes, 1 or 4 (FastCGI 1.0, 3.4). */
static size_t
read_length(const unsigned char *at, size_t *value)
{
    if (at[0] < 0x80) {
        *value = at[0];
        return 1;
    }
    *value = (size_t) (at[0] & 0x7f) << 24 | (size_t) at[1] << 16 |
             (size_t) at[2] << 8 | at[3];
    return 4;
}

static enum fate
end_request(struct web_frame *frame, unsigned id, unsigned char status)
{
    unsigned char content[8] = { 0, 0, 0, 0, status, 0, 0, 0 };

    return answer(frame, END_REQUEST, id, content, sizeof(content)) ? DROP
                                                                    : BROKEN;
}

/* Returns whether there was room: a server that fills it is none. */
static bool
answer(struct web_frame *frame, unsigned char type, unsigned id,
       const unsigned char *content, size_t len)
{
    unsigned char *at = frame->answers + frame->answers_len;
    size_t pad = (8 - len % 8) % 8;

    if (WEB_FRAME_HEADER + len + pad > WEB_FRAME_ANSWERS - frame->answers_len)
        return false;
    memset(at, 0, WEB_FRAME_HEADER + len + pad);
    at[0] = 1;
    at[1] = type;
    at[2] = (unsigned char) (id >> 8);
    at[3] = (unsigned char) id;
    at[5] = (unsigned char) len;
    at[6] = (unsigned char) pad;
    memcpy(at + WEB_FRAME_HEADER, content, len);
    frame->answers_len += WEB_FRAME_HEADER + len + pad;
    return true;
}

/*
 * What is kept moves down over what was dropped, padding too: libfcgi 2.4.2
 * takes that of the last record of the variables for the next record.
 */
static void
keep(struct web_frame *frame, const struct record *rec, unsigned char *buf,
     size_t in)
{
    size_t len = WEB_FRAME_HEADER + rec->len;

    if (in != frame->len)
        memmove(buf + frame->len, buf + in, len);
    buf[frame->len + 6] = 0;
    frame->len += len;
    if (rec->type == BEGIN_REQUEST || (rec->type == PARAMS && rec->len == 0))
        frame->head_len = frame->len;
}

/* Answers not yet sent stay. */
static void
forget(struct web_frame *frame)
{
    frame->id = 0;
    frame->keep = false;
    frame->params_whole = false;
    frame->over = false;
    frame->whole = false;
    frame->len = 0;
    frame->head_len = 0;
    frame->params = 0;
    frame->body = 0;
    frame->pair.have = 0;
    frame->pair.skip = 0;
}
