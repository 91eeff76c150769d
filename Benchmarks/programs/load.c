/* HTTP load over keep-alive connections, every answer checked. One thread, so that it leaves the processors to the server.

   Usage: load PORT CONNECTIONS SECONDS COUNT PAUSE_MS PATH [TEXT …]
   Each connection asks for PATH, in which {c} is the connection's number, {n} the request's and {k} a key that no
   other request has; an answer counts when its status is 2xx and every TEXT stands in its body. It ends after SECONDS,
   after COUNT requests (0: no such end) or at SIGTERM, with the requests in flight answered. With PAUSE_MS each
   connection asks at fixed times, and latency is measured from the time at which it was to ask, so that a stalled
   server is not flattered by asking it less. Prints one JSON object; the first wrong answer goes to stderr. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 17, MOST = 256 };

struct connection {
    int socket, busy;
    double due;
    size_t filled;
    char *buffer;
};

static int port, count_of_texts;
static const char *pattern;
static char **texts;
static long issued, good, bad;
static double *latencies;
static size_t latency_room;
static char key_prefix[48];
static volatile sig_atomic_t stopped;

static void stop(int signal) { (void)signal; stopped = 1; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void open_connection(struct connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->buffer = malloc(ROOM + 1);
}

static void ask(struct connection *connection, int number) {
    char request[8192];
    size_t used = snprintf(request, sizeof request, "GET ");
    issued++;
    for (const char *from = pattern; *from && used < sizeof request - 256; from++) {
        if (!strncmp(from, "{c}", 3)) used += snprintf(request + used, 64, "%d", number), from += 2;
        else if (!strncmp(from, "{n}", 3)) used += snprintf(request + used, 64, "%ld", issued), from += 2;
        else if (!strncmp(from, "{k}", 3)) used += snprintf(request + used, 96, "%s%ld", key_prefix, issued), from += 2;
        else request[used++] = *from;
    }
    used += snprintf(request + used, 128, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", port);
    connection->busy = 1;
    connection->filled = 0;
    if (send(connection->socket, request, used, MSG_NOSIGNAL) != (ssize_t)used) fail("send");
}

static void judge(struct connection *connection, const char *body) {
    int isGood = !strncmp(connection->buffer, "HTTP/1.1 2", 10);
    for (int i = 0; i < count_of_texts; i++) isGood = isGood && strstr(body, texts[i]) != NULL;
    if (isGood) {
        if ((size_t)good == latency_room) {
            latency_room = latency_room ? latency_room * 2 : 1 << 16;
            latencies = realloc(latencies, latency_room * sizeof *latencies);
        }
        latencies[good++] = (now() - connection->due) * 1e3;
    } else if (bad++ == 0) {
        fprintf(stderr, "load: the first wrong answer: %.1500s\n", connection->buffer);
    }
    connection->busy = 0;
}

static void take(struct connection *connection) {
    ssize_t got = recv(connection->socket, connection->buffer + connection->filled, ROOM - connection->filled, 0);
    if (got < 0) fail("receive");
    if (got == 0) {
        fprintf(stderr, "load: the server closed a connection in the middle\n");
        exit(1);
    }
    connection->filled += got;
    connection->buffer[connection->filled] = 0;
    char *end = strstr(connection->buffer, "\r\n\r\n");
    if (end == NULL) return;
    char *length = strcasestr(connection->buffer, "\r\nContent-Length:");
    if (length == NULL || length > end) {
        fprintf(stderr, "load: an answer without Content-Length: %.300s\n", connection->buffer);
        exit(1);
    }
    size_t whole = end + 4 - connection->buffer + strtoul(length + 17, NULL, 10);
    if (whole > ROOM) {
        fprintf(stderr, "load: an answer of %zu bytes is too long for this program\n", whole);
        exit(1);
    }
    if (connection->filled >= whole) judge(connection, end + 4);
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double at(double share) { return good ? latencies[(long)((good - 1) * share)] : 0; }

int main(int count, char **words) {
    if (count < 7) {
        fprintf(stderr, "usage: load PORT CONNECTIONS SECONDS COUNT PAUSE_MS PATH [TEXT ...]\n");
        return 2;
    }
    port = atoi(words[1]);
    int number = atoi(words[2]);
    double seconds = atof(words[3]), pause = atof(words[5]) / 1e3;
    long most = atol(words[4]);
    pattern = words[6];
    texts = words + 7;
    count_of_texts = count - 7;
    if (number < 1 || number > MOST) return 2;
    snprintf(key_prefix, sizeof key_prefix, "k%d-%ld-", getpid(), (long)(now() * 1e6));
    signal(SIGTERM, stop);

    struct connection connections[MOST] = {0};
    struct pollfd wanted[MOST];
    for (int i = 0; i < number; i++) open_connection(&connections[i]);
    double start = now(), until = start + seconds;
    for (int i = 0; i < number; i++) connections[i].due = start + pause * i / number;
    while (1) {
        double time = now(), next = time + 1;
        int busy = 0, isOver = stopped || time >= until;
        for (int i = 0; i < number; i++) {
            struct connection *connection = &connections[i];
            if (!connection->busy && !isOver && !(most && issued >= most)) {
                if (pause == 0) connection->due = time;
                if (connection->due <= time) ask(connection, i);
                else if (connection->due < next) next = connection->due;
            }
            busy += connection->busy;
            wanted[i] = (struct pollfd){connection->busy ? connection->socket : -1, POLLIN, 0};
        }
        if (!busy && (isOver || (most && issued >= most))) break;
        if (next > until && !isOver) next = until;
        double patience = next > time ? next - time : 0;
        struct timespec timeout = {(long)patience, (long)((patience - (long)patience) * 1e9)};
        if (ppoll(wanted, number, &timeout, NULL) < 0 && errno != EINTR) fail("poll");
        for (int i = 0; i < number; i++) {
            if (!(wanted[i].revents & (POLLIN | POLLERR | POLLHUP))) continue;
            take(&connections[i]);
            if (!connections[i].busy) connections[i].due += pause;
        }
        if (isOver && time > until + 60) {
            fprintf(stderr, "load: the last answers did not come within a minute\n");
            return 1;
        }
    }
    double elapsed = now() - start;
    qsort(latencies, good, sizeof *latencies, ascending);
    printf("{\"ok\": %ld, \"bad\": %ld, \"seconds\": %.3f, \"rate\": %.1f, ", good, bad, elapsed, good / elapsed);
    printf("\"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n", at(0.5), at(0.99), at(1));
    return bad ? 1 : 0;
}
