// The images of docker/Dockerfile, made of what the runner has built, and containers of them outside of Lambda.
import { chmod, cp, glob, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'
import { type BuildName, built } from './artefacts.ts'
import { cached } from './cache.ts'
import { docker, importImage, tryDocker } from './engine.ts'
import { arm64Root, debianRoot } from './rootfs.ts'
import { run } from './run.ts'

export const ROOT: string = join(import.meta.dirname, '..', '..', '..')

/** As Lambda runs an image: nothing can be written but /tmp, and nothing may be gained. */
export const CONSTRAINTS: readonly string[] = [
  '--read-only',
  '--tmpfs=/tmp:size=512m,mode=1777',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--pids-limit=1024',
]

export interface ImageBuild {
  readonly base: string
  readonly target?: 'standard' | 'shell-less'
  readonly platform?: 'linux/amd64' | 'linux/arm64'
  readonly build?: BuildName
}

/** Builds it as docs/images.md says. Answers the tag. */
export async function buildImage(tag: string, options: ImageBuild): Promise<string> {
  const { base, target = 'standard', platform = 'linux/amd64', build = 'default' } = options
  await using context = await makeContext(build)
  const args = ['--tag', tag, '--target', target, '--platform', platform]
  const file = ['--file', join(context.folder, 'docker', 'Dockerfile')]
  await docker(
    ['build', '--quiet', ...args, ...file, '--build-arg', `BASE=${base}`, context.folder],
    {
      env: { DOCKER_BUILDKIT: '1' },
    },
  )
  return tag
}

/** The repository, as far as docker/ looks at it, with a build of the runner's in dist/. */
export async function makeContext(
  build: BuildName = 'default',
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'baton-context-'))
  await mkdir(join(folder, 'dist'))
  for (const name of await readdir(built(build, '.')))
    if (name.startsWith('layer-')) await link(built(build, name), join(folder, 'dist', name))
  await link(built('default', 'cli'), join(folder, 'dist', 'cli'))
  for (const name of ['docker', 'local', 'package.json', 'CHANGELOG.md'])
    await cp(join(ROOT, name), join(folder, name), { recursive: true, verbatimSymlinks: true })
  // A clone under umask 077 has to give the same image.
  await run(['chmod', '-R', 'go-rwx', join(folder, 'docker')])
  const remove = () => rm(folder, { recursive: true, force: true })
  return { folder, [Symbol.asyncDispose]: remove }
}

/** 100 MB that need not be copied. */
async function link(from: string, to: string): Promise<void> {
  await run(['cp', '-al', from, to])
}

/** What a Node program takes of Debian: its libraries, and certificates. */
const TAKEN = [
  'etc/ssl',
  'usr/share/ca-certificates',
  'lib64/ld-linux-x86-64.so.2',
  'lib/x86_64-linux-gnu/ld-linux-x86-64.so.2',
  ...['c', 'm', 'dl', 'pthread', 'rt', 'resolv', 'nss_dns', 'nss_files', 'gcc_s', 'stdc++'].map(
    name => `lib/x86_64-linux-gnu/lib${name}.so.*`,
  ),
  'usr/lib/x86_64-linux-gnu/libstdc++.so.6*',
]

/** What "distroless" bases are: libc, libstdc++, certificates, and no program at all. */
export async function distrolessImage(): Promise<string> {
  const debian = await debianRoot()
  const root = await cached('distroless-3', async folder => {
    for (const name of ['opt', 'tmp', 'var']) await mkdir(join(folder, name), { recursive: true })
    await chmod(join(folder, 'tmp'), 0o1777)
    for (const pattern of TAKEN)
      for await (const name of glob(pattern, { cwd: debian }))
        await cp(join(debian, name), join(folder, name), {
          recursive: true,
          verbatimSymlinks: true,
        })
  })
  return importImage(root, 'baton-test-distroless:3')
}

/** The base that most tests take. */
export async function debianImage(): Promise<string> {
  return importImage(await debianRoot(), 'baton-test-debian:1')
}

/** Built and not imported: an import bears the platform of the engine, and no build takes it for another one. */
export async function arm64Image(): Promise<string> {
  const tag = 'baton-test-debian-arm64-base:1'
  if ((await tryDocker(['image', 'inspect', tag])).code === 0) return tag
  const context = await mkdtemp(join(tmpdir(), 'baton-context-'))
  const dockerfile = 'FROM scratch\nADD root.tar /\n'
  await writeFile(join(context, 'Dockerfile'), dockerfile)
  const what = ['--exclude=./dev/*', '--exclude=./proc/*', '.']
  await run(['tar', '-C', await arm64Root(), '-cf', join(context, 'root.tar'), ...what])
  const args = ['--quiet', '--platform', 'linux/arm64', '--tag', tag]
  await docker(['build', ...args, context], { env: { DOCKER_BUILDKIT: '1' } })
  await rm(context, { recursive: true })
  return tag
}

export interface LocalContainer {
  /** Where a port of it is reached from here. */
  url(port: number): Promise<string>
  logs(): Promise<string>
  /** Resolves with the first match in its log. */
  logged(pattern: RegExp): Promise<RegExpExecArray>
}

const LOG_LIMIT_MS = 30_000
let started = 0

/** Starts one beside the test, and removes it after it. `args` are those of `docker run`, the image and its arguments. */
export async function startContainer(t: Test, args: readonly string[]): Promise<LocalContainer> {
  const name = `baton-local-${process.pid}-${started++}`
  t.teardown(() => tryDocker(['rm', '--force', name]))
  await docker(['run', '--detach', '--pull=never', `--name=${name}`, ...args])
  const logs = async () => {
    const { stdout, stderr } = await tryDocker(['logs', name])
    return stdout + stderr
  }
  return {
    url: async port => `http://${(await docker(['port', name, String(port)])).split('\n')[0]}`,
    logs,
    async logged(pattern) {
      for (const deadline = Date.now() + LOG_LIMIT_MS; ; await delay(50)) {
        const text = await logs()
        const match = pattern.exec(text)
        if (match !== null) return match
        if (Date.now() > deadline) throw new Error(`expected ${pattern} in the log, got ${text}`)
      }
    },
  }
}

/** `POST /2015-03-31/functions/function/invocations`, again until something listens. */
export async function invokeByHttp(url: string, event: unknown): Promise<Response> {
  const target = `${url}/2015-03-31/functions/function/invocations`
  for (const deadline = Date.now() + LOG_LIMIT_MS; ; await delay(50)) {
    try {
      return await fetch(target, { method: 'POST', body: JSON.stringify(event) })
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
