/* Follows many streams of tokens at a time, and says how late each token was, and how many came in a second.

   Usage: follow PORT TOKENS TOKEN < requests. Each line of the requests is METHOD PATH BODY, with an empty body after
   GET; TOKEN is sent as the bearer's. A stream ends with `data: [DONE]` or with the event `turn.finished`. A token is an
   `@` in the data of events without a name or of the name `text`; nineteen digits behind it are the nanoseconds of
   CLOCK_REALTIME at which it was sent, and its delay ends when the piece that it came in was read from the socket.
   A request that is told 503 is asked again a second later, at most TRIES times: the server's queue is bounded, and its
   answer says so. Prints one JSON object; a stream that did not complete is counted, and the first one told on stderr. A completed one
   that had not TOKENS tokens is an error. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 64 << 10, PER_ADDRESS = 500, PATIENCE = 300, TRIES = 10 };

enum part { HEAD, SIZE, DATA, DATA_END, OVER };

struct stream {
    int socket, isText, isEnd;
    enum part part;
    size_t left, filled, room;
    /* The line that is being read: of the head, of a chunk's size, or of the events. */
    char *line;
    size_t chunkFilled;
    char chunkLine[32];
    long tokens;
    /* To ask again. */
    int number, tries;
    char *request;
    double again;
    struct stream *next;
};

/* Those that are to be asked again, in the order of their times. */
static struct stream *refused, **lastRefused = &refused;

static int port, poller, open_count, completed, failed, wrong;
static long tokensEach, total, seen, room;
static double *delays, firstToken, lastToken, pieceTime;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static long nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static long pieceNanoseconds;

static void fail(const char *what) {
    fprintf(stderr, "follow: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void end(struct stream *stream, int isGood, const char *why) {
    if (isGood) completed++;
    else if (failed++ == 0) fprintf(stderr, "follow: the first stream that did not complete: %.600s\n", why);
    if (isGood && stream->tokens != tokensEach && wrong++ == 0) {
        fprintf(stderr, "follow: a stream had %ld tokens instead of %ld\n", stream->tokens, tokensEach);
    }
    stream->part = OVER;
    close(stream->socket);
    open_count--;
}

static void count_tokens(struct stream *stream) {
    for (char *at = stream->line; (at = memchr(at, '@', stream->line + stream->filled - at)) != NULL; at++) {
        long sent = 0;
        int digits = 0;
        while (isdigit((unsigned char)at[1 + digits])) sent = sent * 10 + (at[1 + digits++] - '0');
        stream->tokens++;
        if (total++ == 0) firstToken = pieceTime;
        lastToken = pieceTime;
        if (digits != 19) continue;
        if (seen == room) delays = realloc(delays, (room = room ? room * 2 : 1 << 20) * sizeof *delays);
        delays[seen++] = (pieceNanoseconds - sent) / 1e6;
    }
}

static void take_line(struct stream *stream) {
    char *line = stream->line;
    if (stream->filled == 0) {
        stream->isText = 1;
        stream->isEnd = 0;
    } else if (!strncmp(line, "event: ", 7)) {
        stream->isText = !strcmp(line + 7, "text");
        stream->isEnd = !strcmp(line + 7, "turn.finished");
    } else if (!strcmp(line, "data: [DONE]")) {
        end(stream, 1, "");
    } else if (!strncmp(line, "data: ", 6) && stream->isEnd) {
        end(stream, strstr(line, "\"completed\"") != NULL, line);
    } else if (!strncmp(line, "data: ", 6) && stream->isText) {
        count_tokens(stream);
    }
}

static void keep(struct stream *stream, const char *bytes, size_t count) {
    if (stream->filled + count + 1 > stream->room) {
        stream->room = (stream->filled + count + 1) * 2;
        stream->line = realloc(stream->line, stream->room);
    }
    memcpy(stream->line + stream->filled, bytes, count);
    stream->filled += count;
    stream->line[stream->filled] = 0;
}

/* Bytes of the body, without their chunks. */
static void take_events(struct stream *stream, const char *bytes, size_t count) {
    while (count > 0 && stream->part != OVER) {
        const char *newline = memchr(bytes, '\n', count);
        size_t piece = newline ? (size_t)(newline - bytes) : count;
        keep(stream, bytes, piece);
        if (newline == NULL) return;
        take_line(stream);
        stream->filled = 0;
        stream->line[0] = 0;
        bytes = newline + 1;
        count -= piece + 1;
    }
}

static void put_off(struct stream *stream) {
    stream->part = OVER;
    close(stream->socket);
    stream->again = now() + 1;
    *lastRefused = stream;
    lastRefused = &stream->next;
}

static void take_head(struct stream *stream, const char **bytes, size_t *count) {
    while (*count > 0) {
        keep(stream, *bytes, 1);
        ++*bytes, --*count;
        if (stream->filled < 4 || memcmp(stream->line + stream->filled - 4, "\r\n\r\n", 4) != 0) continue;
        if (!strncmp(stream->line, "HTTP/1.1 503", 12) && stream->tries < TRIES) return put_off(stream);
        if (strncmp(stream->line, "HTTP/1.1 20", 11) != 0 || !strcasestr(stream->line, "\r\nTransfer-Encoding: chunked")) {
            keep(stream, *bytes, *count);
            return end(stream, 0, stream->line);
        }
        stream->filled = 0;
        stream->part = SIZE;
        return;
    }
}

static void take(struct stream *stream, const char *bytes, size_t count) {
    while (count > 0 && stream->part != OVER) {
        if (stream->part == HEAD) {
            take_head(stream, &bytes, &count);
        } else if (stream->part == DATA) {
            size_t piece = count < stream->left ? count : stream->left;
            take_events(stream, bytes, piece);
            bytes += piece, count -= piece, stream->left -= piece;
            if (stream->left == 0 && stream->part == DATA) stream->part = DATA_END;
        } else {
            char byte = *bytes++;
            count--;
            if (stream->part == DATA_END) {
                if (byte == '\n') stream->part = SIZE, stream->chunkFilled = 0;
            } else if (byte != '\n') {
                if (stream->chunkFilled < sizeof stream->chunkLine - 1) stream->chunkLine[stream->chunkFilled++] = byte;
            } else {
                stream->chunkLine[stream->chunkFilled] = 0;
                stream->left = strtoul(stream->chunkLine, NULL, 16);
                stream->chunkFilled = 0;
                stream->part = DATA;
                if (stream->left == 0) end(stream, 0, "it ended too early");
            }
        }
    }
}

static void ask(struct stream *stream, const char *token) {
    const char *line = stream->request;
    int number = stream->number;
    const char *path = strchr(line, ' ') + 1, *body = strchr(path, ' ') + 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct epoll_event event = {EPOLLIN, {.ptr = stream}};
    int on = 1;
    char head[1024];
    stream->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* As from several machines: the server bounds the connections of one address. */
    address.sin_addr.s_addr = htonl(0x7F000101 + number / PER_ADDRESS);
    if (bind(stream->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (connect(stream->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(stream->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    size_t size = strlen(body);
    int length = snprintf(
        head, sizeof head, "%.*s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
        "Accept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        (int)(body - line - 1), line, port, token, size);
    if (send(stream->socket, head, length, MSG_NOSIGNAL | (size ? MSG_MORE : 0)) != length) fail("send");
    if (size && send(stream->socket, body, size, MSG_NOSIGNAL) != (ssize_t)size) fail("send");
    if (epoll_ctl(poller, EPOLL_CTL_ADD, stream->socket, &event) != 0) fail("epoll_ctl");
    stream->isText = 1;
    stream->part = HEAD;
    stream->filled = 0;
    stream->tries++;
}

static void ask_again(const char *token) {
    while (refused && refused->again <= now()) {
        struct stream *stream = refused;
        refused = stream->next;
        stream->next = NULL;
        if (refused == NULL) lastRefused = &refused;
        ask(stream, token);
    }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double at(double share) { return seen ? delays[(long)((seen - 1) * share)] : 0; }

int main(int count, char **words) {
    static char line[8192], bytes[BLOCK];
    struct epoll_event events[256];
    int number = 0;
    if (count != 4) {
        fprintf(stderr, "usage: follow PORT TOKENS TOKEN < requests\n");
        return 2;
    }
    port = atoi(words[1]);
    tokensEach = atol(words[2]);
    poller = epoll_create1(EPOLL_CLOEXEC);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        struct stream *stream = calloc(1, sizeof *stream);
        stream->number = number++;
        stream->request = strdup(line);
        open_count++;
        ask(stream, words[3]);
    }
    double deadline = now() + PATIENCE;
    while (open_count > 0) {
        int found = epoll_wait(poller, events, 256, refused ? 50 : 1000);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        if (now() > deadline) {
            fprintf(stderr, "follow: %d of %d streams did not end within %d s\n", open_count, number, PATIENCE);
            return 1;
        }
        for (int i = 0; i < found; i++) {
            struct stream *stream = events[i].data.ptr;
            if (stream->part == OVER) continue;
            ssize_t got = recv(stream->socket, bytes, BLOCK, 0);
            pieceNanoseconds = nanoseconds();
            pieceTime = pieceNanoseconds / 1e9;
            if (got > 0) take(stream, bytes, got);
            else end(stream, 0, got == 0 ? "it was closed" : strerror(errno));
        }
        ask_again(words[3]);
    }
    qsort(delays, seen, sizeof *delays, ascending);
    double elapsed = lastToken - firstToken;
    printf("{\"completed\": %d, \"failed\": %d, \"tokens\": %ld, \"seconds\": %.3f, \"rate\": %.1f, ", completed, failed,
           total, elapsed, elapsed > 0 ? total / elapsed : 0);
    printf("\"p50\": %.4f, \"p99\": %.4f, \"max\": %.4f}\n", at(0.5), at(0.99), at(1));
    return wrong ? 1 : 0;
}
