// Runs the image tests: what is deployed, in containers and roots like those of Lambda. On Linux x64, as root.
//   node test/image/run.ts [tap arguments]
// Installs what is missing from Debian, builds every artefact, starts an engine of its own and stops it at the end.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { ARGUMENTS, BUILDS } from './helpers/artefacts.ts'
import { startEngine } from './helpers/engine.ts'
import { run } from './helpers/run.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** A file that each package brings, and the package. */
const PACKAGES: readonly (readonly [file: string, name: string])[] = [
  ['/usr/sbin/dockerd', 'docker.io'],
  ['/usr/bin/docker', 'docker.io'],
  ['/usr/bin/docker-registry', 'docker-registry'],
  ['/usr/sbin/debootstrap', 'debootstrap'],
  ['/usr/share/keyrings/debian-archive-keyring.gpg', 'debian-archive-keyring'],
  ['/usr/bin/qemu-aarch64-static', 'qemu-user-static'],
  ['/usr/bin/aarch64-linux-gnu-gcc', 'gcc-aarch64-linux-gnu'],
  ['/usr/aarch64-linux-gnu/lib/libc.so', 'libc6-dev-arm64-cross'],
  ['/usr/aarch64-linux-gnu/lib/libstdc++.so.6', 'libstdc++6-arm64-cross'],
  ['/usr/bin/x86_64-linux-gnu-gcc', 'gcc'],
  ['/usr/bin/busybox', 'busybox-static'],
  ['/usr/bin/unzip', 'unzip'],
  ['/usr/bin/curl', 'curl'],
  ['/usr/bin/xz', 'xz-utils'],
  ['/usr/bin/openssl', 'openssl'],
]

async function installPackages(): Promise<void> {
  const missing = PACKAGES.filter(([file]) => !existsSync(file)).map(([, name]) => name)
  if (missing.length === 0) return
  const names = [...new Set(missing)]
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`image tests need root, and these packages of Debian 12: ${names.join(' ')}`)
  }
  process.stdout.write(`# installing ${names.join(' ')}\n`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run(['apt-get', 'update', '-qq'], { env })
  await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...names], { env })
}

const BINFMT = '/proc/sys/fs/binfmt_misc'
// ELF, 64 bits, little-endian, executable or shared, for machine 183; F: the interpreter is opened now, so that
// it works in every root. From qemu's own scripts/qemu-binfmt-conf.sh.
const ARM64 =
  ':qemu-aarch64:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:' +
  '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:' +
  '/usr/bin/qemu-aarch64-static:F'

/** Lets the kernel start programs for arm64; answers how to undo it. */
async function registerArm64(): Promise<() => void> {
  if (!existsSync(join(BINFMT, 'register'))) {
    await run(['mount', '-t', 'binfmt_misc', 'binfmt_misc', BINFMT])
  }
  const entry = join(BINFMT, 'qemu-aarch64')
  if (existsSync(entry)) return () => {}
  writeFileSync(join(BINFMT, 'register'), ARM64)
  return () => writeFileSync(entry, '-1')
}

function runHere(args: readonly string[], env: NodeJS.ProcessEnv = process.env): number {
  const PATH = [dirname(process.execPath), join(ROOT, 'node_modules', '.bin'), env.PATH].join(
    delimiter,
  )
  const [program = '', ...rest] = args
  const { status, error } = spawnSync(program, rest, {
    cwd: ROOT,
    env: { ...env, PATH },
    stdio: 'inherit',
  })
  if (error !== undefined) throw error
  return status ?? 1
}

function buildAll(): void {
  rmSync(BUILDS, { recursive: true, force: true })
  for (const [name, args] of Object.entries(ARGUMENTS)) {
    process.stdout.write(`# build ${name}\n`)
    const status = runHere(['node', 'docker/build.ts', ...args, '--out', join(BUILDS, name)])
    if (status !== 0) throw new Error(`build ${name}: expected exit code 0, got ${status}`)
  }
}

async function main(): Promise<number> {
  await installPackages()
  buildAll()
  await using engine = await startEngine()
  const unregister = await registerArm64()
  try {
    const tests = readdirSync(import.meta.dirname)
      .filter(name => name.endsWith('.test.ts'))
      .map(name => join('test', 'image', name))
    const args = process.argv.length > 2 ? process.argv.slice(2) : tests
    // One after the other: they measure, and share two cores with emulation.
    const tap = ['tap', 'run', '--jobs=1', '--timeout=600', ...args]
    return runHere(tap, { ...process.env, BATON_TEST_ENGINE: engine.host })
  } finally {
    unregister()
    // What nothing names any more; else each run would leave 1 GB behind.
    const prune = ['/usr/bin/docker', 'system', 'prune', '--force']
    await run(prune, { env: { DOCKER_HOST: engine.host } })
  }
}

process.exitCode = await main()
