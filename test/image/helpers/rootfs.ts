// Root file systems: stand-ins for what Lambda's images are based on, since none of those can be had without a network.
// Each is made once and kept; tests must not write into them.
import { chmod, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { MIRROR } from './counterparts.ts'
import { type Ended, run, tryRun } from './run.ts'

/** Where releases go when nobody mends them any more. */
const ARCHIVE = 'http://archive.debian.org/debian'
const PACKAGES = 'ca-certificates,libstdc++6'

/** Debian 12 with glibc 2.36: as new as Amazon Linux 2023 or newer, and like it without libatomic. */
export function debianRoot(): Promise<string> {
  return cached('debian-bookworm-1', folder => debootstrap(folder, 'bookworm'))
}

/** The same for arm64. Unpacked, not configured: nothing of it has to run for that. */
export function arm64Root(): Promise<string> {
  return cached('debian-bookworm-arm64-1', folder =>
    debootstrap(folder, 'bookworm', '--foreign', '--arch=arm64'),
  )
}

/**
 * Amazon Linux 2 as far as its glibc goes: Debian 11, in whose files the versions of symbols that 2.26 does not have yet
 * bear other names. What asks for GLIBC_2.28 is refused there by the loader as on Amazon Linux 2.
 */
export function oldGlibcRoot(): Promise<string> {
  return cached('debian-bullseye-glibc-2.26-2', folder => makeOldGlibc(folder))
}

/** The same for arm64, unpacked. */
export function arm64OldGlibcRoot(): Promise<string> {
  return cached('debian-bullseye-arm64-glibc-2.26-2', folder =>
    makeOldGlibc(folder, '--foreign', '--arch=arm64'),
  )
}

async function makeOldGlibc(folder: string, ...options: string[]): Promise<void> {
  await debootstrap(folder, 'bullseye', ...options)
  // What is unpacked only has none, and glibc would ask a name server for localhost.
  await writeFile(join(folder, 'etc', 'nsswitch.conf'), 'hosts: files dns\n')
  const files = await run(['find', folder, '-xdev', '-type', 'f', '-size', '+0', '-print0'])
  for (const file of files.split('\0')) if (file !== '') await hideNewVersions(file)
}

const NEW_VERSION = /GLIBC_2\.(2[789]|3\d)\0/g

async function hideNewVersions(file: string): Promise<void> {
  const bytes = await readFile(file)
  if (bytes.subarray(0, 4).toString('latin1') !== '\x7fELF') return
  const text = bytes.toString('latin1')
  if (text.search(NEW_VERSION) === -1) return
  await writeFile(file, Buffer.from(text.replace(NEW_VERSION, 'GLIBC_X.$1\0'), 'latin1'))
}

/** A shell and its tools in one static file, and no libc at all. */
export function emptyRoot(): Promise<string> {
  return cached('busybox-3', async folder => {
    for (const name of ['bin', 'dev', 'etc', 'opt', 'proc', 'tmp', 'var/task']) {
      await mkdir(join(folder, name), { recursive: true })
    }
    await cp('/bin/busybox', join(folder, 'bin', 'busybox'))
    const names = await run([join(folder, 'bin', 'busybox'), '--list'])
    for (const name of names.trim().split('\n'))
      if (name !== 'busybox') await symlink('busybox', join(folder, 'bin', name))
    await chmod(join(folder, 'tmp'), 0o1777)
    // Lambda has it whatever the root is.
    await writeFile(join(folder, 'etc', 'hosts'), '127.0.0.1 localhost\n')
  })
}

async function debootstrap(folder: string, suite: string, ...options: string[]): Promise<void> {
  const { ok } = await fetch(`${MIRROR}/dists/${suite}/Release`, { method: 'HEAD' })
  const mirror = ok ? MIRROR : ARCHIVE
  const what = ['--variant=minbase', `--include=${PACKAGES}`, ...options, suite, folder, mirror]
  await run(['debootstrap', ...what])
  // Where Lambda puts the function and the layers.
  for (const name of ['var/task', 'var/runtime', 'opt'])
    await mkdir(join(folder, name), { recursive: true })
  await writeFile(join(folder, 'etc', 'hosts'), '127.0.0.1 localhost\n')
}

export interface Mounts {
  /** Folders of this machine by where they are seen inside, read-only. */
  readonly [inside: string]: string
}

/** Runs `command` with `root` as its root file system; /proc, /dev and an empty /tmp are there. */
export function tryInRoot(
  root: string,
  mounts: Mounts,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  // In a mount namespace of its own: what is mounted goes with the process.
  const script = [
    'set -eu',
    'root=$1; shift',
    'mount --bind "$root" "$root"',
    'mkdir -p "$root/proc" "$root/dev" "$root/tmp"',
    'mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount -t tmpfs tmpfs "$root/tmp"',
    'while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --bind -o ro "$2" "$root$1"; shift 2; done; shift',
    'exec chroot "$root" "$@"',
  ].join('\n')
  const folders = Object.entries(mounts).flat()
  return tryRun(
    ['unshare', '--mount', 'sh', '-c', script, 'sh', root, ...folders, '--', ...command],
    { env },
  )
}
