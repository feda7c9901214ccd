// esbuild's part: one CommonJS file for the runtime (what is not needed stays unevaluated in it), one ES module for the
// command line.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Oldest Node that the runtime serves on. */
const RUNTIME_TARGET = 'node22'
/** Oldest Node on a developer's machine. */
const CLI_TARGET = 'node20'

/** Writes main.cjs into `folder`. */
export async function buildRuntime(root: string, folder: string): Promise<void> {
  await build({
    entryPoints: [join(root, 'bootstrap', 'main.ts')],
    outfile: join(folder, 'main.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: RUNTIME_TARGET,
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
  })
}

/** Writes baton.mjs into `folder`. */
export async function buildCli(root: string, folder: string): Promise<void> {
  const entry = join(root, 'local', 'cli', 'baton.ts')
  if (!existsSync(entry)) return
  await build({
    entryPoints: [entry],
    outfile: join(folder, 'baton.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: CLI_TARGET,
    minify: true,
    // CommonJS packages in the bundle ask for Node's own modules by `require`.
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    legalComments: 'none',
    logLevel: 'warning',
  })
}
