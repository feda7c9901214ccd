// The forms in which functions with libraries are deployed, and packages in several versions to make them of.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

export type Family = 'ai' | 'messaging' | 'stores' | 'web'

/** Folders with a package.json of their own: several versions of one package bear one name. */
export type Packages = 'newest' | 'middle' | 'older'

/** With modules, which are hooked, or bundled, where only channels tell. */
export type Form = 'CommonJS' | 'ES module' | 'minified bundle'
export const FORMS: readonly Form[] = ['CommonJS', 'ES module', 'minified bundle']

/** Installs the folder's packages by its lock, unless they are there; answers where they are. */
export async function installPackages(family: Family, packages: Packages): Promise<string> {
  const folder = join(ROOT, 'libraries', family, 'packages', packages)
  const installed = join(folder, 'node_modules')
  const lock = join(folder, '.installing')
  // Tests run side by side, and npm leaves its own lock behind when all is there.
  while (!existsSync(join(installed, '.package-lock.json'))) {
    try {
      mkdirSync(lock)
    } catch {
      await sleep(100)
      continue
    }
    const { status, error } = spawnSync('npm', ['ci', '--prefix', folder], { stdio: 'ignore' })
    rmdirSync(lock)
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`npm ci in ${folder}: expected status 0, got ${status}`)
  }
  return installed
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
}

/** The function's one file in that form: its name and text. */
export async function makeForm(options: FormOptions): Promise<[name: string, text: string]> {
  const { family, source, form } = options
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'fixtures', 'libraries', family, source)],
    bundle: true,
    plugins: [takePackages(options)],
    format: form === 'ES module' ? 'esm' : 'cjs',
    platform: 'node',
    write: false,
    logLevel: 'silent',
    ...(form === 'minified bundle' ? { minify: true, external: OPTIONAL } : {}),
  })
  return [form === 'ES module' ? 'index.mjs' : 'index.js', outputFiles?.[0]?.text ?? '']
}

/** Asked for in a `try` by libraries that do without them. */
const OPTIONAL = [
  ...['@aws-sdk/credential-providers', '@mongodb-js/zstd', 'gcp-metadata', 'kerberos', 'snappy'],
  ...['aws4', 'mongodb-client-encryption'],
]

/** The repository has some of these packages too, in other versions. */
function takePackages({ family, form, packages, alias = {} }: FormOptions): Plugin {
  const sources = join(ROOT, 'fixtures', 'libraries', family)
  return {
    name: 'packages',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
        if (!importer.startsWith(sources) || path.startsWith('node:')) return undefined
        if (form !== 'minified bundle') return { path, external: true }
        return resolve(alias[path] ?? path, { resolveDir: dirname(packages), kind })
      })
    },
  }
}
