/* A model's vendor: answers POST with a stream of Chat Completions, and every GET with a list of one model.

   Usage: vendor STREAMS TOKENS RATE. Prints its port, then serves 127.0.0.1 until SIGTERM, and prints what it sent.
   The tokens of all streams begin when STREAMS of them are there, or none has come for three seconds. Each has TOKENS
   tokens: RATE a second, evenly apart from those of the others, each with the nanoseconds of CLOCK_REALTIME at which it
   is sent; or, with a RATE of 0, short ones as fast as they are taken. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 16 << 10, MOST = 16384, CHUNK = 512 };

struct peer {
    int socket, isWaiting, isStreaming, watchesOutput;
    long tokens;
    double due;
    char *request;
    size_t requestFilled, requestRoom;
    char *out;
    size_t outFilled, outSent, outRoom;
};

static long streams, tokensEach, sent;
static double interval;
static int poller, waitingCount;
static struct peer *waiting[MOST];
/* Streams in the order in which their next tokens are due; all have the same pace. */
static struct peer *queue[MOST];
static unsigned queueHead, queueTail;
static double lastArrival;
static volatile sig_atomic_t stopped;

static const char opening[] = "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
                              "\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":";

static void stop(int signal) { (void)signal; stopped = 1; }

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "vendor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct peer *peer, int output) {
    struct epoll_event event = {EPOLLIN | (output ? EPOLLOUT : 0), {.ptr = peer}};
    if (peer->watchesOutput == output) return;
    peer->watchesOutput = output;
    if (epoll_ctl(poller, EPOLL_CTL_MOD, peer->socket, &event) != 0) fail("epoll_ctl");
}

static void put(struct peer *peer, const char *bytes, size_t count) {
    if (peer->outFilled + count > peer->outRoom) {
        peer->outRoom = (peer->outFilled + count) * 2;
        peer->out = realloc(peer->out, peer->outRoom);
    }
    memcpy(peer->out + peer->outFilled, bytes, count);
    peer->outFilled += count;
}

/* One event of the stream, as one chunk of the body. */
static void put_event(struct peer *peer, const char *delta) {
    char event[CHUNK], size[16];
    int length = snprintf(event, sizeof event, "%s%s\n\n", opening, delta);
    put(peer, size, snprintf(size, sizeof size, "%x\r\n", length));
    put(peer, event, length);
    put(peer, "\r\n", 2);
}

static void put_token(struct peer *peer) {
    char delta[128];
    if (interval > 0) {
        struct timespec time;
        clock_gettime(CLOCK_REALTIME, &time);
        snprintf(delta, sizeof delta, "{\"content\":\" @%ld\"},\"finish_reason\":null}]}",
                 time.tv_sec * 1000000000L + time.tv_nsec);
    } else {
        snprintf(delta, sizeof delta, "{\"content\":\" @tok\"},\"finish_reason\":null}]}");
    }
    put_event(peer, delta);
    sent++;
    if (++peer->tokens < tokensEach) return;
    snprintf(delta, sizeof delta, "{},\"finish_reason\":\"stop\"}],"
             "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":%ld,\"total_tokens\":%ld}}", tokensEach, tokensEach + 9);
    put_event(peer, delta);
    put(peer, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n", 24);
    peer->isStreaming = 0;
}

static void flush(struct peer *peer) {
    while (peer->outSent < peer->outFilled) {
        ssize_t count = send(peer->socket, peer->out + peer->outSent, peer->outFilled - peer->outSent, MSG_NOSIGNAL);
        if (count < 0 && errno == EAGAIN) return watch(peer, 1);
        /* The client left; its end is read. */
        if (count < 0) break;
        peer->outSent += count;
    }
    peer->outSent = peer->outFilled = 0;
    watch(peer, peer->isStreaming && interval == 0);
}

static void open_gate(void) {
    double start = seconds(CLOCK_MONOTONIC) + 0.05;
    for (int i = 0; i < waitingCount; i++) {
        waiting[i]->isWaiting = 0;
        waiting[i]->isStreaming = 1;
        if (interval == 0) {
            watch(waiting[i], 1);
            continue;
        }
        waiting[i]->due = start + interval * i / waitingCount;
        queue[queueTail++ % MOST] = waiting[i];
    }
    waitingCount = 0;
}

static void answer(struct peer *peer) {
    static const char models[] = "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\"}]}";
    char head[256];
    if (!strncmp(peer->request, "GET ", 4)) {
        put(peer, head, snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                 "Content-Length: %zu\r\n\r\n%s", strlen(models), models));
        return flush(peer);
    }
    put(peer, head, snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n"));
    put_event(peer, "{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}");
    flush(peer);
    peer->tokens = 0;
    peer->isWaiting = 1;
    waiting[waitingCount++] = peer;
    lastArrival = seconds(CLOCK_MONOTONIC);
    if (waitingCount >= streams) open_gate();
}

static void leave(struct peer *peer) {
    for (int i = 0; i < waitingCount; i++) {
        if (waiting[i] == peer) waiting[i--] = waiting[--waitingCount];
    }
    for (unsigned at = queueHead; at != queueTail; at++) {
        if (queue[at % MOST] == peer) queue[at % MOST] = NULL;
    }
    close(peer->socket);
    free(peer->request);
    free(peer->out);
    free(peer);
}

static void take(struct peer *peer) {
    if (peer->requestRoom - peer->requestFilled < BLOCK) {
        peer->requestRoom = peer->requestRoom * 2 + BLOCK;
        peer->request = realloc(peer->request, peer->requestRoom + 1);
    }
    ssize_t got = recv(peer->socket, peer->request + peer->requestFilled, peer->requestRoom - peer->requestFilled, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return leave(peer);
    peer->requestFilled += got;
    peer->request[peer->requestFilled] = 0;
    char *end = strstr(peer->request, "\r\n\r\n");
    if (end == NULL) return;
    char *length = strcasestr(peer->request, "\r\nContent-Length:");
    size_t whole = end + 4 - peer->request + (length && length < end ? strtoul(length + 17, NULL, 10) : 0);
    if (peer->requestFilled < whole) return;
    /* Clients ask for the next answer when they have the one before. */
    peer->requestFilled = 0;
    answer(peer);
}

static void fill(struct peer *peer) {
    while (peer->isStreaming && peer->outFilled < BLOCK) put_token(peer);
    flush(peer);
}

static double send_due(void) {
    while (queueHead != queueTail) {
        struct peer *peer = queue[queueHead % MOST];
        double now = seconds(CLOCK_MONOTONIC);
        if (peer != NULL && peer->due > now) return peer->due - now;
        queueHead++;
        if (peer == NULL) continue;
        put_token(peer);
        flush(peer);
        peer->due += interval;
        if (peer->isStreaming) queue[queueTail++ % MOST] = peer;
    }
    return 0.2;
}

static void welcome(int listener) {
    int on = 1, socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct peer *peer = calloc(1, sizeof *peer);
        struct epoll_event event = {EPOLLIN, {.ptr = peer}};
        peer->socket = socket;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
    }
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: vendor STREAMS TOKENS RATE\n");
        return 2;
    }
    streams = atol(words[1]);
    tokensEach = atol(words[2]);
    interval = atof(words[3]) > 0 ? 1 / atof(words[3]) : 0;
    if (streams < 1 || streams > MOST / 2 || tokensEach < 1) return 2;
    signal(SIGTERM, stop);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {EPOLLIN, {.ptr = NULL}}, events[256];
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    while (!stopped) {
        double patience = send_due();
        struct timespec timeout = {0, (long)(patience * 1e9)};
        if (timeout.tv_nsec > 999999999) timeout.tv_nsec = 999999999;
        int found = epoll_pwait2(poller, events, 256, &timeout, NULL);
        if (found < 0 && errno != EINTR) fail("epoll_pwait2");
        for (int i = 0; i < found; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer == NULL) welcome(listener);
            else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(peer);
            else if (interval == 0 && peer->outSent == peer->outFilled) fill(peer);
            else flush(peer);
        }
        if (waitingCount > 0 && seconds(CLOCK_MONOTONIC) - lastArrival > 3) open_gate();
    }
    printf("{\"sent\": %ld}\n", sent);
    return 0;
}
