// Runs the process tests once more on each other Node that Baton serves on: the same runtime, another binary.
//   node test/matrix.ts [tap arguments]
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installNodes, NODE_NAMES, nodePath } from './helpers/nodes.ts'

const ROOT = join(import.meta.dirname, '..')

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

installNodes()

const processTests = readdirSync(join(ROOT, 'test', 'process'))
  .filter(name => name.endsWith('.test.ts'))
  .map(name => join('test', 'process', name))
const args = process.argv.length > 2 ? process.argv.slice(2) : processTests

for (const name of NODE_NAMES) {
  process.stdout.write(`\n# process tests on ${name}\n`)
  run('tap', args, { ...process.env, BATON_TEST_NODE: nodePath(name) })
}
