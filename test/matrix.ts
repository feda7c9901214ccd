// Runs the process tests once more on each other Node that Baton serves on: the same runtime, another binary.
//   node test/matrix.ts [tap arguments]
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const NODES = join(import.meta.dirname, 'nodes')
const ROOT = join(import.meta.dirname, '..')

/** The names under which test/nodes/package.json has them. */
const NAMES = ['node22', 'node26'] as const

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

if (!NAMES.every(name => existsSync(join(NODES, 'node_modules', name)))) {
  run('npm', ['ci', '--prefix', NODES])
}

const processTests = readdirSync(join(ROOT, 'test', 'process'))
  .filter(name => name.endsWith('.test.ts'))
  .map(name => join('test', 'process', name))
const args = process.argv.length > 2 ? process.argv.slice(2) : processTests

for (const name of NAMES) {
  const node = join(NODES, 'node_modules', name, 'bin', 'node')
  process.stdout.write(`\n# process tests on ${name}\n`)
  run('tap', args, { ...process.env, BATON_TEST_NODE: node })
}
