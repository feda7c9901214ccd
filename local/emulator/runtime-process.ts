// The bootstrap as a child process, in a process group of its own so that whatever the function starts ends with it.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { RuntimeExit } from './answer.ts'
import { LineSplitter, type LogLine } from './log-line.ts'

export interface ProcessOptions {
  readonly bootstrap: string
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly onLog: (line: LogLine) => void
}

/** After an exit the pipes close by themselves, unless a grandchild that left the group still holds them. */
const PIPE_GRACE_MS = 200

export class RuntimeProcess {
  readonly #child: ChildProcess
  readonly #outputRead: Promise<unknown>
  /** Resolves when the process is gone and its output is read; never rejects. */
  readonly exited: Promise<RuntimeExit>

  constructor(options: ProcessOptions) {
    this.#child = spawn(options.bootstrap, [], {
      cwd: options.directory,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const { stdout, stderr } = this.#child
    this.#outputRead = Promise.all([
      readLines(stdout, text => options.onLog({ source: 'stdout', text })),
      readLines(stderr, text => options.onLog({ source: 'stderr', text })),
    ])
    this.exited = this.#watch()
  }

  /**
   * Ends the process as Lambda does: at once, or with SIGTERM first and SIGKILL after `graceMs`. Lambda gives such
   * a window only to a runtime beside which an extension is registered.
   */
  async kill(graceMs: number): Promise<void> {
    if (graceMs > 0) {
      this.#signal('SIGTERM')
      const timer = setTimeout(() => this.#signal('SIGKILL'), graceMs)
      await this.exited
      clearTimeout(timer)
      return
    }
    this.#signal('SIGKILL')
    await this.exited
  }

  async #watch(): Promise<RuntimeExit> {
    const exit = await new Promise<RuntimeExit>(resolve => {
      this.#child.once('error', spawnError =>
        resolve({ exitCode: undefined, signal: undefined, spawnError }),
      )
      this.#child.once('exit', (code, signal) =>
        resolve({
          exitCode: code ?? undefined,
          signal: signal ?? undefined,
          spawnError: undefined,
        }),
      )
    })
    this.#signal('SIGKILL')
    await this.#drain()
    return exit
  }

  /** Waits for both pipes' end, so that no line comes after the exit was told. */
  async #drain(): Promise<void> {
    const timer = setTimeout(() => {
      this.#child.stdout?.destroy()
      this.#child.stderr?.destroy()
    }, PIPE_GRACE_MS)
    await this.#outputRead
    clearTimeout(timer)
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // The group is gone already.
    }
  }
}

/** Resolves when the last line is out. */
async function readLines(stream: Readable | null, emit: (line: string) => void): Promise<void> {
  if (stream === null) return
  const splitter = new LineSplitter(emit)
  stream.on('data', (chunk: Buffer) => splitter.write(chunk))
  await new Promise<void>(resolve => stream.once('close', () => resolve()))
  splitter.end()
}
