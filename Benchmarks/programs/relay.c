/* The least that can stand between a client and a vendor: passes bytes on in both directions, and keeps nothing.

   Usage: relay PORT, of the vendor on 127.0.0.1. Prints its own port, then serves until SIGTERM. */
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
#include <unistd.h>

enum { BLOCK = 16 << 10 };

/* One side of a connection; what it said last and the other has not taken is in `bytes`. */
struct side {
    int socket;
    struct side *other;
    size_t filled, sent;
    char bytes[BLOCK];
};

static int poller, port;
static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static void fail(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct side *side) {
    struct epoll_event event = {0, {.ptr = side}};
    if (side->filled == 0) event.events |= EPOLLIN;
    if (side->other->filled > 0) event.events |= EPOLLOUT;
    if (epoll_ctl(poller, EPOLL_CTL_MOD, side->socket, &event) != 0) fail("epoll_ctl");
}

static struct side *join(int socket) {
    struct side *side = calloc(1, sizeof *side);
    struct epoll_event event = {EPOLLIN, {.ptr = side}};
    int on = 1;
    side->socket = socket;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
    return side;
}

static void welcome(int listener) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int client, vendor;
    while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        vendor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(vendor, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) fail("connect");
        struct side *left = join(client), *right = join(vendor);
        left->other = right;
        right->other = left;
    }
}

/* Returns 0 when the connection is over. */
static int pass(struct side *from) {
    struct side *to = from->other;
    while (from->sent < from->filled) {
        ssize_t count = send(to->socket, from->bytes + from->sent, from->filled - from->sent, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == ENOTCONN)) {
            watch(from);
            watch(to);
            return 1;
        }
        if (count < 0) return 0;
        from->sent += count;
    }
    from->filled = from->sent = 0;
    return 1;
}

static void leave(struct side *side, struct epoll_event *events, int from, int found) {
    struct side *other = side->other;
    for (int i = from; i < found; i++) {
        if (events[i].data.ptr == side || events[i].data.ptr == other) events[i].events = 0;
    }
    close(side->socket);
    close(other->socket);
    free(side);
    free(other);
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: relay PORT\n");
        return 2;
    }
    port = atoi(words[1]);
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
        int found = epoll_wait(poller, events, 256, 200);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < found; i++) {
            struct side *side = events[i].data.ptr;
            int isOpen = 1;
            if (events[i].events == 0) continue;
            if (side == NULL) {
                welcome(listener);
                continue;
            }
            if (events[i].events & EPOLLOUT) {
                isOpen = pass(side->other);
                if (isOpen && side->other->filled == 0) watch(side), watch(side->other);
            }
            if (isOpen && side->filled == 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
                ssize_t got = recv(side->socket, side->bytes, BLOCK, 0);
                if (got > 0) {
                    side->filled = got;
                    isOpen = pass(side);
                } else {
                    isOpen = got < 0 && errno == EAGAIN;
                }
            }
            if (!isOpen) leave(side, events, i, found);
        }
    }
    return 0;
}
