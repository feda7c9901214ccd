// The forms in which functions with libraries are deployed, and packages in several versions to make them of.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

export type Family = 'ai' | 'messaging' | 'sql' | 'stores' | 'web'

/** Folders with a package.json of their own: several versions of one package bear one name. */
export type Packages = 'newest' | 'middle' | 'older'

/** With modules, which are hooked; bundled, where only channels tell; or bundled with Baton's plugin, which hooks. */
export type Form = 'CommonJS' | 'ES module' | 'minified bundle' | 'minified bundle with the plugin'
export const ALL_FORMS: readonly Form[] = [
  'CommonJS',
  'ES module',
  'minified bundle',
  'minified bundle with the plugin',
]

export const isBundle = (form: Form): boolean => form.startsWith('minified bundle')

/** Installs the folder's packages by its lock, unless that has been done; answers where they are. */
export async function installPackages(family: Family, packages: string): Promise<string> {
  const folder = join(ROOT, 'libraries', family, 'packages', packages)
  const installed = join(folder, 'node_modules')
  const lock = join(folder, '.installing')
  // Tests run side by side, and npm leaves its own lock behind when all is there.
  while (!isNewer(join(installed, '.package-lock.json'), join(folder, 'package-lock.json'))) {
    if (!takeLock(lock)) {
      await sleep(100)
      continue
    }
    const { status, error } = spawnSync('npm', ['ci'], { cwd: folder, stdio: 'ignore' })
    rmSync(lock)
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`npm ci in ${folder}: expected status 0, got ${status}`)
  }
  return installed
}

const isNewer = (path: string, other: string): boolean =>
  existsSync(path) && statSync(path).mtimeMs >= statSync(other).mtimeMs

/** Holds the process's id: one that was killed holds it no longer. */
function takeLock(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const holder = Number(readIfThere(path))
    if (holder > 0 && !existsSync(`/proc/${holder}`)) rmSync(path, { force: true })
    return false
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export interface FormOptions {
  readonly family: Family
  /** File of the function under test/fixtures/libraries, in the family's folder. */
  readonly source: string
  readonly form: Form
  /** Where the packages are. */
  readonly packages: string
  /** Packages by the names that the folder has them under. */
  readonly alias?: Readonly<Record<string, string>>
  /** Packages that the library asks for in a `try` and does without, which a bundle leaves out. */
  readonly optional?: readonly string[] | undefined
}

/** The function's one file in that form: its name and text. */
export async function makeForm(options: FormOptions): Promise<[name: string, text: string]> {
  const { family, source, form, packages, optional = [] } = options
  // Another library of the folder may need what one does without.
  const isAbsent = (name: string): boolean => !existsSync(join(packages, name))
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'fixtures', 'libraries', family, source)],
    bundle: true,
    plugins: [takePackages(options), ...(await pluginsOf(form))],
    format: form === 'ES module' ? 'esm' : 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    ...(isBundle(form)
      ? { minify: true, external: [...OPTIONAL, ...optional].filter(isAbsent) }
      : {}),
  })
  return [form === 'ES module' ? 'index.mjs' : 'index.js', outputFiles?.[0]?.text ?? '']
}

/** As it is built: by a name that only the build makes good, since what checks types runs before it. */
async function pluginsOf(form: Form): Promise<Plugin[]> {
  if (form !== 'minified bundle with the plugin') return []
  const name: string = 'baton/esbuild'
  const { baton } = (await import(
    name
  )) as typeof import('../../instrumentation/bundlers/esbuild.ts')
  return [baton()]
}

/** Asked for in a `try` by libraries that do without them. */
const OPTIONAL = [
  ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'gcp-metadata', 'kerberos', 'snappy'],
  ...['aws4', 'mongodb-client-encryption', '@nestjs/microservices', '@nestjs/websockets'],
  ...['class-transformer', 'class-validator', '@fastify/static', '@fastify/view'],
]

/** The repository has some of these packages too, in other versions. */
function takePackages({ family, form, packages, alias = {} }: FormOptions): Plugin {
  const sources = join(ROOT, 'fixtures', 'libraries', family)
  return {
    name: 'packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (!importer.startsWith(sources) || path.startsWith('node:')) return undefined
        if (!isBundle(form)) return { path: alias[path] ?? path, external: true }
        return resolve(alias[path] ?? path, { resolveDir: dirname(packages), kind })
      })
    },
  }
}
