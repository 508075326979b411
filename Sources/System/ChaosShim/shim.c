// Preloaded into a program, moves its wall clock and fills its disk. No monotonic clock is touched: a step of the wall
// clock does not move those of a real machine either.
//
// Debian's libfaketime can't be used: under jemalloc, and so in redis-server, it calls itself before it is ready.
// Here nothing allocates and nothing looks up symbols, so that the first call may come before the constructor; only a
// host's name is looked up by the real function, which no program does that early.
//
// Waits until a moment of the wall clock (pthread_cond_timedwait) are not translated; neither Redis, nor PostgreSQL,
// nor libuv uses them.

#define _GNU_SOURCE
#include "ChaosShim.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { second = 1000000000 };

static const struct chaos_shim healthy;
static const volatile struct chaos_shim *shim = &healthy;

__attribute__((constructor)) static void open_shim(void) {
  const char *path = getenv("CHAOS_SHIM");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof(struct chaos_shim), PROT_READ, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) shim = memory;
  close(file);
}

static struct timespec wall_time(void) {
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  int64_t all = (int64_t)now.tv_sec * second + now.tv_nsec + shim->clock_offset;
  return (struct timespec){.tv_sec = all / second, .tv_nsec = all % second};
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, clock, now);
  *now = wall_time();
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec wall = wall_time();
  now->tv_sec = wall.tv_sec;
  now->tv_usec = wall.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  time_t seconds = wall_time().tv_sec;
  if (now) *now = seconds;
  return seconds;
}

/// Whether writing up to `end` would make the file longer on a full disk.
static int has_no_room(int file, off_t end) {
  struct stat state;
  if (!shim->disk_is_full || fstat(file, &state) != 0 || !S_ISREG(state.st_mode) || end <= state.st_size) return 0;
  errno = ENOSPC;
  return 1;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  if (has_no_room(file, offset + (off_t)count)) return -1;
  return syscall(SYS_pwrite64, file, bytes, count, offset);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
  off_t end = offset;
  for (int index = 0; index < count; index++) end += (off_t)parts[index].iov_len;
  if (has_no_room(file, end)) return -1;
  // The kernel takes the offset in two halves; on 64 bits the first holds all of it.
  return syscall(SYS_pwritev, file, parts, (long)count, offset, 0L);
}

int posix_fallocate(int file, off_t offset, off_t count) {
  if (has_no_room(file, offset + count)) return ENOSPC;
  return syscall(SYS_fallocate, file, 0, offset, count) == 0 ? 0 : errno;
}

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
                struct addrinfo **restrict found) {
  struct timespec pause = {.tv_nsec = second / 100};
  // An address is known without a name server.
  int is_name = name && name[0] >= 'a' && name[0] <= 'z';
  while (is_name && shim->names_hang) nanosleep(&pause, NULL);
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
      (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
  return real ? real(name, service, hints, found) : EAI_SYSTEM;
}
