// A function on this machine: its configuration, and one execution environment after the other behind it. Invocations
// are served one at a time, in the order they came, as one environment of Lambda serves them.
import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Answer, Outcome } from './answer.ts'
import { buildEnvironment, type FunctionSettings, functionArn } from './environment.ts'
import { EmulatorError } from './errors.ts'
import { type EnvironmentOptions, ExecutionEnvironment } from './execution-environment.ts'
import { createInvocation, type InvokeOptions } from './invocation.ts'
import type { LogLine } from './log-line.ts'
import { INIT_TIMEOUT_MS } from './wire.ts'

export interface FunctionOptions {
  /** The executable that speaks the Runtime API. */
  readonly bootstrap: string
  /** The function's folder: its working directory and `LAMBDA_TASK_ROOT`. */
  readonly directory: string
  /** `index.handler` when absent. */
  readonly handler?: string
  /** The function's name; the folder's when absent. */
  readonly name?: string
  /** The function's own variables, over those that Lambda sets. */
  readonly env?: Readonly<Record<string, string>>
  /** Lambda's default is 3 s. */
  readonly timeoutMs?: number
  /** Told to the function; nothing here enforces it. */
  readonly memoryMb?: number
  /** The limit for loading the function, before its first event. */
  readonly initTimeoutMs?: number
  /** Every line that the process prints and that Lambda would write around it. */
  readonly onLog?: (line: LogLine) => void
}

export interface LocalFunction extends AsyncDisposable {
  /** Sends an event as JSON. Resolves with the answer as soon as it is posted, or when Lambda gives one. */
  invoke(event: unknown, options?: InvokeOptions): Promise<Answer>
  /** The same with the event's text as it is, JSON or not. */
  invokeText(event: string, options?: InvokeOptions): Promise<Answer>
  /** Starts the process if none runs. Resolves with what its init failed with, or `undefined` when it waits for an event. */
  ready(): Promise<Outcome | undefined>
  /** Resolves when the runtime has done what it does after an answer and asks for the next event, or is gone. */
  settled(): Promise<void>
  /** Ends the process, for good: what is invoked after this, or waits for its turn, is rejected. */
  stop(): Promise<void>
}

const DEFAULTS = { timeoutMs: 3000, memoryMb: 128, handler: 'index.handler' } as const

/**
 * Makes a function ready to be invoked. Its process starts with the first event, as on Lambda, or with `ready()`.
 * Rejects with an `EmulatorError` when the folder is not there.
 */
export async function startFunction(options: FunctionOptions): Promise<LocalFunction> {
  const directory = resolve(options.directory)
  const isFolder = await stat(directory).then(
    entry => entry.isDirectory(),
    () => false,
  )
  if (!isFolder) {
    throw new EmulatorError(
      'DIRECTORY_MISSING',
      `function directory: expected a folder, got ${JSON.stringify(options.directory)}`,
    )
  }
  return new EmulatedFunction(options, directory)
}

class EmulatedFunction implements LocalFunction {
  readonly #options: FunctionOptions
  readonly #settings: FunctionSettings
  #environment: ExecutionEnvironment | undefined
  /** The end of the invocation before, on which the next one waits. */
  #turn: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(options: FunctionOptions, directory: string) {
    this.#options = options
    this.#settings = {
      name: options.name ?? basename(directory),
      version: '$LATEST',
      region: options.env?.AWS_REGION ?? 'us-east-1',
      accountId: '123456789012',
      memoryMb: options.memoryMb ?? DEFAULTS.memoryMb,
      handler: options.handler ?? DEFAULTS.handler,
      directory,
      logStream: `local/[$LATEST]${randomUUID().replaceAll('-', '')}`,
    }
  }

  invoke(event: unknown, options: InvokeOptions = {}): Promise<Answer> {
    return this.invokeText(JSON.stringify(event ?? null), options)
  }

  invokeText(event: string, options: InvokeOptions = {}): Promise<Answer> {
    const invocation = createInvocation(event, options, functionArn(this.#settings))
    const answer = this.#turn.then(async () => (await this.#open()).serve(invocation))
    this.#turn = answer.catch(() => {})
    return answer
  }

  async ready(): Promise<Outcome | undefined> {
    const environment = await this.#open()
    await environment.idle()
    return environment.initError
  }

  async settled(): Promise<void> {
    await this.#turn
    await this.#environment?.idle()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#environment?.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** The environment that can take an event: the one there is, once it is idle and alive, else a new one. */
  async #open(): Promise<ExecutionEnvironment> {
    const current = this.#environment
    await current?.idle()
    if (this.#isStopped)
      throw new EmulatorError('FUNCTION_STOPPED', 'invoke: the function was stopped')
    if (current?.isUsable) return current
    await current?.stop()
    const environment = new ExecutionEnvironment(this.#environmentOptions())
    this.#environment = environment
    await environment.start()
    return environment
  }

  #environmentOptions(): EnvironmentOptions {
    const {
      bootstrap,
      env = {},
      timeoutMs = DEFAULTS.timeoutMs,
      initTimeoutMs,
      onLog,
    } = this.#options
    const { directory, memoryMb } = this.#settings
    return {
      bootstrap: resolve(bootstrap),
      directory,
      envFor: runtimeApi => buildEnvironment(this.#settings, runtimeApi, env),
      facts: this.#settings,
      memoryMb,
      timeoutMs,
      initTimeoutMs: initTimeoutMs ?? INIT_TIMEOUT_MS,
      onLog: onLog ?? (() => {}),
    }
  }
}
