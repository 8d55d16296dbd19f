/*
 * What an unlucky machine does to the tests: one in DELAYS_RATE calls of the system (300 unless told) waits for up to
 * DELAYS_MS milliseconds (60), and one in forty of those twelve times as long. Every thread may so be overtaken by every
 * other at any point, while the processor stays free. Preloaded into each test by `tests/run delays`, and inherited by
 * the programs that a test starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static unsigned rate, longest_ms;

static unsigned number_from(const char *name, unsigned otherwise)
{
    const char *told = getenv(name);
    return told ? (unsigned)strtoul(told, NULL, 10) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    longest_ms = number_from("DELAYS_MS", 60);
    rate = number_from("DELAYS_RATE", 300);
}

/* Xorshift, of a state that differs from thread to thread and from run to run. */
static uint64_t next_random(void)
{
    static __thread uint64_t state;
    if (!state) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        state = ((uint64_t)now.tv_nsec * 2654435761u ^ (uintptr_t)&state ^ (uint64_t)getpid() << 40) | 1;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void perhaps_wait(void)
{
    if (!rate || !longest_ms)
        return;
    uint64_t random = next_random();
    if (random % rate)
        return;
    uint64_t ms = (random >> 32) % longest_ms;
    if ((random >> 20) % 40 == 0)
        ms *= 12;
    int kept = errno;
    struct timespec wait = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
    errno = kept;
}

#define DELAYED(result, name, parameters, arguments)  \
    result name parameters                            \
    {                                                 \
        static result (*true_one) parameters;         \
        if (!true_one)                                \
            true_one = dlsym(RTLD_NEXT, #name);       \
        perhaps_wait();                               \
        return true_one arguments;                    \
    }

DELAYED(ssize_t, read, (int fd, void *to, size_t most), (fd, to, most))
DELAYED(ssize_t, write, (int fd, const void *from, size_t most), (fd, from, most))
DELAYED(ssize_t, writev, (int fd, const struct iovec *from, int count), (fd, from, count))
DELAYED(ssize_t, pread64, (int fd, void *to, size_t most, off64_t at), (fd, to, most, at))
DELAYED(ssize_t, pwrite64, (int fd, const void *from, size_t most, off64_t at), (fd, from, most, at))
DELAYED(ssize_t, recv, (int fd, void *to, size_t most, int flags), (fd, to, most, flags))
DELAYED(ssize_t, recvmsg, (int fd, struct msghdr *to, int flags), (fd, to, flags))
DELAYED(ssize_t, send, (int fd, const void *from, size_t most, int flags), (fd, from, most, flags))
DELAYED(ssize_t, sendmsg, (int fd, const struct msghdr *from, int flags), (fd, from, flags))
DELAYED(int, accept4, (int fd, struct sockaddr *who, socklen_t *length, int flags), (fd, who, length, flags))
DELAYED(int, connect, (int fd, const struct sockaddr *to, socklen_t length), (fd, to, length))
DELAYED(int, epoll_wait, (int fd, struct epoll_event *events, int most, int ms), (fd, events, most, ms))
DELAYED(int, fsync, (int fd), (fd))
DELAYED(int, fdatasync, (int fd), (fd))
DELAYED(int, rename, (const char *from, const char *to), (from, to))
DELAYED(int, sched_yield, (void), ())

/* The standard library takes its locks through this one. */
long syscall(long number, ...)
{
    static long (*true_one)(long, ...);
    if (!true_one)
        true_one = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    va_list rest;
    va_start(rest, number);
    long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
    long d = va_arg(rest, long), e = va_arg(rest, long), f = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_futex)
        perhaps_wait();
    return true_one(number, a, b, c, d, e, f);
}
