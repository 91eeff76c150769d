// Linux system calls as Swift sees them: the headers of glibc with its extensions switched on, and inline
// functions for what the importer cannot read (macros, variadic calls). Manual pages: sections 2 and 3.
#ifndef DH_CLINUX_H
#define DH_CLINUX_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/magic.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static inline int dh_errno(void) { return errno; }
static inline int dh_open(const char *path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int dh_openat(int dir, const char *path, int flags, mode_t mode) {
    return openat(dir, path, flags, mode);
}
static inline int dh_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
static inline int dh_ioctl(int fd, unsigned long request, void *argument) { return ioctl(fd, request, argument); }
static inline int dh_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    return prctl(option, a, b, c, d);
}
static inline int dh_pidfd_open(pid_t pid, unsigned int flags) { return (int)syscall(SYS_pidfd_open, pid, flags); }
static inline int dh_pidfd_send_signal(int fd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}
static inline void dh_ignore_signal(int number) { signal(number, SIG_IGN); }
static inline void dh_default_signal(int number) { signal(number, SIG_DFL); }
static inline int dh_wifexited(int status) { return WIFEXITED(status); }
static inline int dh_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int dh_wifsignaled(int status) { return WIFSIGNALED(status); }
static inline int dh_wtermsig(int status) { return WTERMSIG(status); }

#endif
