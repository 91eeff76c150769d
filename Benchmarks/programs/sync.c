/* The limit for everything that is stored before it is answered: append 4 KiB and fdatasync.
   Usage: sync FILE SECONDS. Prints one JSON object; the caller removes the file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **words) {
    static char block[4096];
    if (count != 3) {
        fprintf(stderr, "usage: sync FILE SECONDS\n");
        return 2;
    }
    int file = open(words[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) {
        perror(words[1]);
        return 1;
    }
    double start = now(), until = start + atof(words[2]);
    long done = 0;
    while (now() < until) {
        if (write(file, block, sizeof block) != sizeof block || fdatasync(file) != 0) {
            perror(words[1]);
            return 1;
        }
        done++;
    }
    printf("{\"rate\": %.1f}\n", done / (now() - start));
    return 0;
}
