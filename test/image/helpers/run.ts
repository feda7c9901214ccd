// Programs of the system, with their output. By way of `env -i`: the test runner adds to the environment of what it sees
// started.
import { execFile } from 'node:child_process'

export interface Ended {
  /** 128 and the signal's number, or so, when it was killed. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const KILLED = 137

/** Runs it to its end, whatever that is. */
export function tryRun(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const variables = Object.entries({ PATH, ...options.env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const { cwd, timeoutMs = 300_000 } = options
  const limits = { cwd, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 28 } as const
  return new Promise(resolve => {
    execFile('/usr/bin/env', ['-i', ...variables, ...command], limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : KILLED
      resolve({ code, stdout, stderr })
    })
  })
}

/** Runs it, and throws with what it said when it fails. Answers its standard output. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryRun(command, options)
  if (code !== 0)
    throw new Error(`${command.join(' ')}: expected exit code 0, got ${code}\n${stdout}${stderr}`)
  return stdout
}
