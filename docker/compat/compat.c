// libbaton-compat.so: what official Node binaries ask of the system that Amazon Linux lacks. glibc 2.26 (Amazon Linux 2)
// has none of the first group; no Amazon Linux has libatomic, which Node 26 needs for one function.
//
// No header of a libc but the numbers of system calls, and no libc linked: `fcntl` and `syscall` are those of whatever
// libc the process has, so the same file serves with glibc 2.26 and with any later one. Built by build.sh beside it.
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

extern int fcntl(int descriptor, int command, ...);
extern long syscall(long number, ...);

#define EXPORT __attribute__((visibility("default")))

// glibc 2.28. On 64-bit systems it is fcntl by another name.
EXPORT int fcntl64(int descriptor, int command, ...) {
  va_list rest;
  va_start(rest, command);
  long argument = va_arg(rest, long);
  va_end(rest);
  return fcntl(descriptor, command, argument);
}

// glibc 2.27 and 2.28: bare system calls. A kernel without one answers ENOSYS, which callers expect.
EXPORT int memfd_create(const char *name, unsigned flags) {
  return (int)syscall(SYS_memfd_create, name, flags);
}

EXPORT int statx(int directory, const char *path, int flags, unsigned mask, void *result) {
  return (int)syscall(SYS_statx, directory, path, flags, mask, result);
}

EXPORT long copy_file_range(int in, long *in_offset, int out, long *out_offset, size_t bytes,
                            unsigned flags) {
  return syscall(SYS_copy_file_range, in, in_offset, out, out_offset, bytes, flags);
}

#ifdef __x86_64__
// Memory protection keys, which V8 does without where they are refused. System call -1 is ENOSYS on every kernel.
EXPORT int pkey_alloc(unsigned flags, unsigned rights) {
  (void)flags, (void)rights;
  return (int)syscall(-1);
}

EXPORT int pkey_free(int key) {
  (void)key;
  return (int)syscall(-1);
}

EXPORT int pkey_mprotect(void *address, size_t length, int protection, int key) {
  (void)address, (void)length, (void)protection, (void)key;
  return (int)syscall(-1);
}

EXPORT int pkey_get(int key) {
  (void)key;
  return (int)syscall(-1);
}

EXPORT int pkey_set(int key, unsigned rights) {
  (void)key, (void)rights;
  return (int)syscall(-1);
}
#endif

// libatomic's. Sizes that the processor compares and swaps in one step must not take a lock: other code reaches the
// same object by inline instructions. Node 26 asks for 8 bytes only. Another size ends the process with SIGILL: with a
// lock of our own we would not exclude whoever uses libatomic's.
#define COMPARE_EXCHANGE(bytes, type)                                                              \
  case bytes:                                                                                      \
    return __atomic_compare_exchange((type *)object, (type *)expected, (type *)desired, false,     \
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

EXPORT bool compare_exchange(size_t bytes, void *object, void *expected, void *desired, int success,
                             int failure) __asm__("__atomic_compare_exchange");
bool compare_exchange(size_t bytes, void *object, void *expected, void *desired, int success,
                      int failure) {
  (void)success, (void)failure;
  switch (bytes) {
    COMPARE_EXCHANGE(1, unsigned char);
    COMPARE_EXCHANGE(2, unsigned short);
    COMPARE_EXCHANGE(4, unsigned int);
    COMPARE_EXCHANGE(8, unsigned long);
  }
  __builtin_trap();
}
