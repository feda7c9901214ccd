// The first code of a Node made for `--os al2`: takes the system's loader, or Baton's own (and with it Baton's own libc)
// where the system has none. The kernel finds a program's loader by one absolute path, and without a file there nothing
// starts. So the program names no loader: the kernel starts it here, this maps a loader as the kernel would have, and
// the loader finds the program as ever. /proc/self/exe, the arguments and the environment stay what they were, so that
// process.execPath, fork and programs of the system that Node starts do not see which libc it has.
//
// Built by build.sh into bytes without a header, which run wherever they lie: entry at 0, no data that has to be
// relocated, and the parameters, written by docker/elf/start.ts, behind the last byte.
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

// An entry of the dynamic section that is different with Baton's own libc: it names where that lies.
struct change {
  uint64_t address, tag, value;
};

struct parameters {
  // Where these parameters are meant to be. Official binaries are not moved when they are loaded, but a later one may be.
  uint64_t address;
  // The program's own entry, and its own program headers, in which its loader is still named.
  uint64_t entry, headers;
  struct change changes[4];
  // The second one is relative to the folder of the program.
  char system_loader[64], own_loader[64];
};

extern const struct parameters parameters __attribute__((visibility("hidden")));

#ifdef __x86_64__
__asm__(".section .text.start\n"
        "  mov %rsp, %rdi\n"
        "  call begin\n"
        // Where a loader would find a function to call at exit.
        "  xor %edx, %edx\n"
        "  jmp *%rax\n"
        ".text\n");

static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
#else
__asm__(".section .text.start\n"
        "  mov x0, sp\n"
        "  bl begin\n"
        "  mov x16, x0\n"
        "  mov x0, xzr\n"
        "  br x16\n"
        ".text\n");

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
#endif

static size_t length(const char *text) {
  size_t bytes = 0;
  while (text[bytes] != 0) bytes++;
  return bytes;
}

static void say(const char *text) { call(SYS_write, 2, (long)text, length(text), 0, 0, 0); }

// As a shell does for a program that cannot be started.
static void __attribute__((noreturn)) fail(const char *path) {
  say("node: expected a loader, ");
  say(parameters.system_loader);
  say(" or Baton's own, got none that can be used: ");
  say(path);
  say("\n");
  for (;;) call(SYS_exit_group, 127, 0, 0, 0, 0, 0);
}

static int open_file(const char *path) {
  return (int)call(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

static uintptr_t map(uintptr_t at, size_t bytes, int protection, int flags, int file, long offset) {
  return (uintptr_t)call(SYS_mmap, (long)at, (long)bytes, protection, MAP_PRIVATE | flags, file, offset);
}

static int is_error(uintptr_t result) { return result > (uintptr_t)-4096; }

// One segment of the file; what the file does not have of it is zeros.
static int map_segment(int file, const Elf64_Phdr *segment, uintptr_t base, uintptr_t page) {
  int protection = (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
                   (segment->p_flags & PF_X ? PROT_EXEC : 0);
  uintptr_t within = segment->p_vaddr & (page - 1);
  uintptr_t start = base + segment->p_vaddr - within;
  uintptr_t file_end = base + segment->p_vaddr + segment->p_filesz;
  uintptr_t memory_end = base + segment->p_vaddr + segment->p_memsz;
  if (is_error(map(start, segment->p_filesz + within, protection, MAP_FIXED, file,
                   (long)(segment->p_offset - within))))
    return 0;
  if (memory_end == file_end) return 1;
  uintptr_t mapped_end = (file_end + page - 1) & ~(page - 1);
  for (volatile char *byte = (char *)file_end; (uintptr_t)byte < mapped_end; byte++) *byte = 0;
  return memory_end <= mapped_end ||
         !is_error(map(mapped_end, memory_end - mapped_end, protection, MAP_FIXED | MAP_ANONYMOUS, -1, 0));
}

struct loader {
  uintptr_t base, entry;
};

// Maps the file as the kernel maps a loader. `entry` is 0 when it cannot.
static struct loader map_loader(int file, uintptr_t page) {
  struct loader none = {0, 0};
  struct {
    Elf64_Ehdr header;
    Elf64_Phdr segments[16];
  } head;
  long bytes = call(SYS_pread64, file, (long)&head, sizeof head, 0, 0, 0);
  const Elf64_Ehdr *header = &head.header;
  if (bytes < (long)sizeof *header || *(const uint32_t *)header->e_ident != 0x464c457f ||
      header->e_type != ET_DYN || header->e_phoff != sizeof *header || header->e_phnum > 16 ||
      bytes < (long)(sizeof *header + header->e_phnum * sizeof(Elf64_Phdr)))
    return none;
  uintptr_t end = 0;
  for (int index = 0; index < header->e_phnum; index++) {
    const Elf64_Phdr *segment = &head.segments[index];
    if (segment->p_type == PT_LOAD && segment->p_vaddr + segment->p_memsz > end)
      end = segment->p_vaddr + segment->p_memsz;
  }
  // All of it at once, so that nothing else comes to lie between two segments.
  uintptr_t base = map(0, end, PROT_NONE, MAP_ANONYMOUS, -1, 0);
  if (is_error(base)) return none;
  for (int index = 0; index < header->e_phnum; index++)
    if (head.segments[index].p_type == PT_LOAD && !map_segment(file, &head.segments[index], base, page))
      return none;
  return (struct loader){base, base + header->e_entry};
}

// The program's path with its last part replaced by `name`; 0 when there is no room.
static int beside_program(const char *name, char *path, size_t room, const char *started_as) {
  long found = call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe", (long)path, (long)room, 0, 0);
  size_t end = 0;
  if (found > 0) end = (size_t)found;
  // Without /proc: the path that the kernel was given.
  else
    for (; started_as != NULL && started_as[end] != 0 && end < room; end++) path[end] = started_as[end];
  while (end > 0 && path[end - 1] != '/') end--;
  size_t bytes = length(name) + 1;
  if (end + bytes > room) return 0;
  for (size_t index = 0; index < bytes; index++) path[end + index] = name[index];
  return 1;
}

// The loader's entry. `stack` is what the kernel hands to a program.
__attribute__((used, visibility("hidden"))) uintptr_t begin(uintptr_t *stack) {
  uintptr_t *end_of_environment = stack + 1 + stack[0] + 1;
  while (*end_of_environment != 0) end_of_environment++;
  Elf64_auxv_t *first = (Elf64_auxv_t *)(end_of_environment + 1);
  uintptr_t page = 4096;
  const char *started_as = NULL;
  for (Elf64_auxv_t *each = first; each->a_type != AT_NULL; each++) {
    if (each->a_type == AT_PAGESZ) page = each->a_un.a_val;
    if (each->a_type == AT_EXECFN) started_as = (const char *)each->a_un.a_val;
  }
  // Distance between where the program is and where it was linked to be.
  uintptr_t moved = (uintptr_t)&parameters - parameters.address;
  int file = open_file(parameters.system_loader);
  char path[4096];
  if (file < 0) {
    if (!beside_program(parameters.own_loader, path, sizeof path, started_as)) fail(parameters.own_loader);
    file = open_file(path);
    if (file < 0) fail(path);
    for (size_t index = 0; index < 4; index++) {
      const struct change *change = &parameters.changes[index];
      if (change->address == 0) continue;
      Elf64_Dyn *entry = (Elf64_Dyn *)(change->address + moved);
      entry->d_tag = (Elf64_Sxword)change->tag;
      entry->d_un.d_val = change->value;
    }
  }
  struct loader loader = map_loader(file, page);
  if (loader.entry == 0) fail("it is no loader for this machine");
  call(SYS_close, file, 0, 0, 0, 0, 0);
  for (Elf64_auxv_t *each = first; each->a_type != AT_NULL; each++) {
    if (each->a_type == AT_BASE) each->a_un.a_val = loader.base;
    if (each->a_type == AT_ENTRY) each->a_un.a_val = parameters.entry + moved;
    if (each->a_type == AT_PHDR) each->a_un.a_val = parameters.headers + moved;
  }
  return loader.entry;
}
