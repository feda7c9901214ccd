// Processes that have journals, built into one file first so that two hundred of them start quickly.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { buildSync } from 'esbuild'
import type { Test } from 'tap'
import { makeFolder } from './journals.ts'

/** The script of a fixture, ready to be started. */
export function buildFixture(t: Test, name: string): string {
  const outfile = join(makeFolder(t), `${name}.mjs`)
  buildSync({
    entryPoints: [join(import.meta.dirname, 'fixtures', `${name}.mjs`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Packages in it are CommonJS.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  return outfile
}

export interface Started {
  readonly child: ChildProcess
  readonly lines: Interface
}

export function start(t: Test, script: string, ...args: string[]): Started {
  // By way of env: the test runner adds to the environment of what it sees started.
  const command = ['-i', process.execPath, script, ...args]
  const child = spawn('/usr/bin/env', command, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('expected a pipe')
  return { child, lines: createInterface({ input: child.stdout }) }
}

/** Kills it, and waits until it is gone and everything it said was read. */
export async function kill({ child, lines }: Started): Promise<void> {
  const isOver = Promise.all([once(child, 'exit'), once(lines, 'close')])
  child.kill('SIGKILL')
  await isOver
}
