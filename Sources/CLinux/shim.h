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
#include <linux/close_range.h>
#include <linux/falloc.h>
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
static inline void dh_default_signals(void) {
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
}
static inline void dh_no_core_files(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}
static inline pid_t dh_fork(void) { return fork(); }
static inline int dh_pipe(int ends[2], int flags) { return pipe2(ends, flags); }
static inline int dh_open_unnamed(int dir, int flags, mode_t mode) {
    return openat(dir, ".", O_TMPFILE | O_CLOEXEC | flags, mode);
}
// Gives a file opened with O_TMPFILE its name; EEXIST when the name is taken (open(2), section O_TMPFILE).
static inline int dh_link_unnamed(int file, int dir, const char *name) {
    if (linkat(file, "", dir, name, AT_EMPTY_PATH) == 0) return 0;
    if (errno == EEXIST) return -1;
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW);
}
static inline int dh_punch_hole(int fd, off_t start, off_t count) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, count);
}
// Asks ext4 to place the folders of a directory apart from each other (chattr(1), attribute T): each gets a place with
// free inodes nearby, whatever was deleted elsewhere. A hint; other file systems refuse it.
static inline void dh_spread_folders(int dir) {
    int flags = 0;
    if (ioctl(dir, _IOR('f', 1, long), &flags) != 0 || (flags & 0x20000)) return;
    flags |= 0x20000;
    ioctl(dir, _IOW('f', 2, long), &flags);
}
static inline int dh_reserve(int fd, off_t count) { return fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, count); }

// One message with descriptors (unix(7), SCM_RIGHTS).
#define DH_MAX_DESCRIPTORS 8
static inline ssize_t dh_send_message(
    int socket, const void *bytes, size_t count, const int *descriptors, int descriptorCount) {
    struct iovec part = {(void *)bytes, count};
    union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int) * DH_MAX_DESCRIPTORS)]; } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptorCount > 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)descriptorCount);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)descriptorCount);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * (size_t)descriptorCount);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}
// Receives one message; descriptors are closed on exec. `sender` is the kernel's word on who sent it (SO_PASSCRED).
static inline ssize_t dh_receive_message(
    int socket, void *bytes, size_t count, int *descriptors, int *descriptorCount, pid_t *sender, int flags) {
    struct iovec part = {bytes, count};
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * DH_MAX_DESCRIPTORS) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *descriptorCount = 0;
    *sender = 0;
    ssize_t received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET) continue;
        if (h->cmsg_type == SCM_RIGHTS) {
            int number = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(descriptors, CMSG_DATA(h), sizeof(int) * (size_t)number);
            *descriptorCount = number;
        } else if (h->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(h), sizeof credentials);
            *sender = credentials.pid;
        }
    }
    return received;
}

// A socket to send datagrams with, never waiting. Who inherits it may use it: the kernel tells a receiver that asks
// for it which process sent each one.
static inline int dh_datagram_socket(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }
// Sends one datagram to a Unix socket; a name that begins with NUL is abstract (unix(7)).
static inline int dh_send_datagram(
    int socketFile, const void *name, size_t nameCount, const void *bytes, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (nameCount >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, name, nameCount);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + nameCount + (address.sun_path[0] ? 1 : 0));
    return sendto(socketFile, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&address, length) < 0 ? -1 : 0;
}
// A datagram socket with that name that learns who sends (SO_PASSCRED).
static inline int dh_bind_datagrams(const void *name, size_t nameCount) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (nameCount >= sizeof address.sun_path) return -1;
    memcpy(address.sun_path, name, nameCount);
    int socketFile = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    if (socketFile < 0) return -1;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + nameCount + (address.sun_path[0] ? 1 : 0));
    if (setsockopt(socketFile, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) == 0 &&
        bind(socketFile, (struct sockaddr *)&address, length) == 0)
        return socketFile;
    close(socketFile);
    return -1;
}
static inline int dh_message_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }
static inline int dh_limit_cpu(void) { return RLIMIT_CPU; }
static inline int dh_limit_memory(void) { return RLIMIT_AS; }
static inline int dh_limit_processes(void) { return RLIMIT_NPROC; }
static inline int dh_limit_files(void) { return RLIMIT_NOFILE; }
static inline int dh_limit_file_size(void) { return RLIMIT_FSIZE; }

static inline short dh_spawn_flags(void) { return POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF; }

// epoll(7) with descriptors as data.
static inline int dh_epoll_add(int poll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}
static inline int dh_epoll_remove(int poll, int fd) { return epoll_ctl(poll, EPOLL_CTL_DEL, fd, NULL); }
static inline int dh_epoll_wait(int poll, int *ready, int room, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, room < 64 ? room : 64, milliseconds);
    for (int i = 0; i < count; i++) ready[i] = events[i].data.fd;
    return count;
}

// The same with what is waited for, EPOLLIN and EPOLLOUT; puts a descriptor in, or changes it.
struct dh_ready { int fd; uint32_t events; };
static inline int dh_epoll_set(int poll, int fd, uint32_t wanted) {
    struct epoll_event event = {.events = wanted, .data.fd = fd};
    if (epoll_ctl(poll, EPOLL_CTL_MOD, fd, &event) == 0) return 0;
    return errno == ENOENT ? epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) : -1;
}
static inline int dh_epoll_take(int poll, struct dh_ready *ready, int room, int milliseconds) {
    struct epoll_event events[64];
    int count = epoll_wait(poll, events, room < 64 ? room : 64, milliseconds);
    for (int i = 0; i < count; i++) ready[i] = (struct dh_ready){events[i].data.fd, events[i].events};
    return count;
}

// What a command's process does between its birth and exec. It is written in C because vfork(2), which saves a
// third of the cost of a start, returns twice, and Swift cannot express that.
struct dh_command {
    const char *path;
    char *const *arguments;
    char *const *environment;
    const char *directory;
    int input, output, error; // become 0, 1, 2
    int state;                // becomes DH_STATE_DESCRIPTOR, or -1
    int terminal;             // 0 is a terminal that becomes the controlling one
    int mounts;               // a mount namespace to enter, or -1
    int groups[4];            // open cgroup.procs files, or -1
    int switchesUser;
    uid_t uid;
    gid_t gid;
    const gid_t *supplementary;
    int supplementaryCount;
    /* What tells the processes of a run, whatever they do to their environment; 0 for none. */
    uint64_t mark;
    int limitCount;
    int limitNames[8];
    uint64_t limitValues[8];
    mode_t mask;  // of files it makes
    pid_t runner;
    int step;  // where it failed
    int code;  // errno of the failure; 0 when the command runs
};
#define DH_STATE_DESCRIPTOR 200
static inline struct dh_command dh_new_command(void) {
    struct dh_command command;
    memset(&command, 0, sizeof command);
    command.input = command.output = command.error = command.state = command.mounts = -1;
    command.mask = 022;
    for (int i = 0; i < 4; i++) command.groups[i] = -1;
    return command;
}
static inline void dh_add_limit(struct dh_command *command, int name, uint64_t value) {
    if (command->limitCount == 8) return;
    command->limitNames[command->limitCount] = name;
    command->limitValues[command->limitCount++] = value;
}
static inline void dh_add_group(struct dh_command *command, int file) {
    for (int i = 0; i < 4; i++)
        if (command->groups[i] < 0) {
            command->groups[i] = file;
            return;
        }
}
// The other end of a pseudo-terminal, without a path (ioctl_tty(2)).
static inline int dh_open_peer(int master) { return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC); }
enum { DH_STEP_FORK = 1, DH_STEP_SETUP, DH_STEP_GROUP, DH_STEP_LIMIT, DH_STEP_MOUNTS, DH_STEP_USER, DH_STEP_DIRECTORY, DH_STEP_EXEC };
static inline int dh_move(int from, int to) {
    if (from == to) return fcntl(from, F_SETFD, 0);
    return dup2(from, to) < 0 ? -1 : 0;
}
static inline void dh_become(struct dh_command *c) {
#define DH_TRY(where, call) do { if ((call) < 0) { c->step = (where); c->code = errno; _exit(127); } } while (0)
    // The runner's are the defaults but for this one, which its parent ignores.
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    DH_TRY(DH_STEP_SETUP, dh_move(c->input, 0));
    DH_TRY(DH_STEP_SETUP, dh_move(c->output, 1));
    DH_TRY(DH_STEP_SETUP, dh_move(c->error, 2));
    if (c->state >= 0) DH_TRY(DH_STEP_SETUP, dh_move(c->state, DH_STATE_DESCRIPTOR));
    if (c->terminal) DH_TRY(DH_STEP_SETUP, ioctl(0, TIOCSCTTY, 0));
    for (int i = 0; i < 4; i++)
        if (c->groups[i] >= 0) DH_TRY(DH_STEP_GROUP, write(c->groups[i], "0", 1));
    if (c->mounts >= 0) DH_TRY(DH_STEP_MOUNTS, setns(c->mounts, CLONE_NEWNS));
    for (int i = 0; i < c->limitCount; i++) {
        struct rlimit limit = {c->limitValues[i], c->limitValues[i]}, old;
        if (getrlimit(c->limitNames[i], &old) == 0 && old.rlim_max < limit.rlim_max && geteuid() != 0)
            limit.rlim_cur = limit.rlim_max = old.rlim_max;
        // The hard CPU limit is KILL; one more second lets XCPU come first.
        if (c->limitNames[i] == RLIMIT_CPU) limit.rlim_max += 1;
        DH_TRY(DH_STEP_LIMIT, setrlimit(c->limitNames[i], &limit));
    }
    // A limit of years for a kind of process that commands are not: it does nothing but be inherited.
    if (c->mark > 0) {
        struct rlimit mark = {c->mark, c->mark};
        setrlimit(RLIMIT_RTTIME, &mark);
    }
    if (c->switchesUser) {
        // The raw calls: glibc's would signal threads, and this memory is still the runner's.
        DH_TRY(DH_STEP_USER, syscall(SYS_setgroups, (size_t)c->supplementaryCount, c->supplementary));
        DH_TRY(DH_STEP_USER, syscall(SYS_setresgid, c->gid, c->gid, c->gid));
        DH_TRY(DH_STEP_USER, syscall(SYS_setresuid, c->uid, c->uid, c->uid));
    }
    // Changing the user clears it (prctl(2)), so it comes after.
    DH_TRY(DH_STEP_SETUP, prctl(PR_SET_PDEATHSIG, SIGKILL));
    if (getppid() != c->runner) _exit(127);
    DH_TRY(DH_STEP_DIRECTORY, chdir(c->directory));
    umask(c->mask);
    if (c->state >= 0) {
        close_range(3, DH_STATE_DESCRIPTOR - 1, CLOSE_RANGE_CLOEXEC);
        close_range(DH_STATE_DESCRIPTOR + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    } else close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(c->path, c->arguments, c->environment);
    c->step = DH_STEP_EXEC;
    c->code = errno;
    _exit(127);
#undef DH_TRY
}
// Starts a command; -1 with `step` and `code` when that failed.
static inline pid_t dh_start_command(struct dh_command *command) {
    command->step = 0;
    command->code = 0;
    command->runner = getpid();
    pid_t pid = vfork();
    if (pid == 0) dh_become(command);
    if (pid < 0) {
        command->step = DH_STEP_FORK;
        command->code = errno;
        return -1;
    }
    if (command->step == 0) return pid;
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
    return -1;
}
// Makes every mount of the namespace read-only at once (mount_setattr(2), Linux 5.12); -1 with errno.
static inline int dh_make_mounts_read_only(void) {
    // MOUNT_ATTR_RDONLY; linux/mount.h and sys/mount.h cannot be included together everywhere.
    struct { uint64_t set, clear, propagation, userNamespace; } attributes = {1, 0, 0, 0};
    return (int)syscall(442 /* SYS_mount_setattr */, -1, "/", 0x8000 /* AT_RECURSIVE */, &attributes, sizeof attributes);
}
static inline int dh_wifexited(int status) { return WIFEXITED(status); }
static inline int dh_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int dh_wifsignaled(int status) { return WIFSIGNALED(status); }
static inline int dh_wtermsig(int status) { return WTERMSIG(status); }

#endif
