// The command as a child process, run from its source. By way of `env -i`: the test runner adds to the environment
// of what it sees started.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../../local/cli/baton.ts', import.meta.url))

export interface CliRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function runCli(
  args: readonly string[],
  { stdin = '', env = {} }: { stdin?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<CliRun> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const child = spawn('/usr/bin/env', ['-i', ...variables, process.execPath, CLI, ...args])
  // The command may end, on a wrong argument, before it reads.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const status = new Promise<number | null>(resolve => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await status, stdout, stderr }
}
