/* A command that writes the time at which it writes: nanoseconds of CLOCK_REALTIME, one line after each pause.
   Usage: ticker LINES PAUSE_MS. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: ticker LINES PAUSE_MS\n");
        return 2;
    }
    long lines = atol(words[1]), pause = atol(words[2]);
    struct timespec gap = {pause / 1000, pause % 1000 * 1000000};
    for (long i = 0; i < lines; i++) {
        char line[32];
        struct timespec time;
        nanosleep(&gap, NULL);
        clock_gettime(CLOCK_REALTIME, &time);
        int length = snprintf(line, sizeof line, "%ld\n", time.tv_sec * 1000000000L + time.tv_nsec);
        if (write(1, line, length) != length) return 1;
    }
    return 0;
}
