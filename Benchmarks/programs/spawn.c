/* The limit for tickets: posix_spawn and waitpid of `/bin/bash -c true`, as often as the machine can.
   Usage: spawn THREADS SECONDS. Prints one JSON object. */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static double until;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *work(void *result) {
    char *arguments[] = {"/bin/bash", "-c", "true", NULL};
    char *environment[] = {"PATH=/usr/bin:/bin", NULL};
    long done = 0;
    while (now() < until) {
        pid_t pid;
        int status;
        int error = posix_spawn(&pid, "/bin/bash", NULL, NULL, arguments, environment);
        if (error != 0) {
            fprintf(stderr, "bash cannot be started: %s\n", strerror(error));
            exit(1);
        }
        if (waitpid(pid, &status, 0) != pid || status != 0) {
            fprintf(stderr, "bash -c true ended with status %d\n", status);
            exit(1);
        }
        done++;
    }
    *(long *)result = done;
    return NULL;
}

int main(int count, char **words) {
    if (count != 3) {
        fprintf(stderr, "usage: spawn THREADS SECONDS\n");
        return 2;
    }
    int threads = atoi(words[1]);
    pthread_t handles[threads];
    long done[threads], total = 0;
    double start = now();
    until = start + atof(words[2]);
    for (int i = 0; i < threads; i++) pthread_create(&handles[i], NULL, work, &done[i]);
    for (int i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        total += done[i];
    }
    printf("{\"rate\": %.1f}\n", total / (now() - start));
    return 0;
}
