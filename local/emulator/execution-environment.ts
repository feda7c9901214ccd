// One execution environment: a process of the runtime, the Runtime API it talks to, and the clock over both. It
// serves one invocation after the other until the process ends, by itself, by a deadline or by `stop`.
import { createDeferred, type Deferred } from '../deferred.ts'
import type { LoopbackServer } from '../http/loopback-server.ts'
import {
  type Answer,
  describeTimeout,
  exitError,
  type Outcome,
  platformError,
  type RuntimeExit,
  timeoutError,
} from './answer.ts'
import type { FunctionFacts } from './extensions-session.ts'
import type { Invocation } from './invocation.ts'
import { formatReport, type LogLine } from './log-line.ts'
import { serveRuntimeApi } from './runtime-api.ts'
import { RuntimeProcess } from './runtime-process.ts'
import { RuntimeSession } from './runtime-session.ts'
import { SHUTDOWN_WINDOW_MS } from './wire.ts'

export interface EnvironmentOptions {
  readonly bootstrap: string
  readonly directory: string
  /** The process's variables, given the `host:port` of its Runtime API. */
  readonly envFor: (runtimeApi: string) => Readonly<Record<string, string>>
  readonly facts: FunctionFacts
  readonly memoryMb: number
  readonly timeoutMs: number
  readonly initTimeoutMs: number
  readonly onLog: (line: LogLine) => void
}

/** The invocation that this environment works on, from its offer until the runtime asks for the next one. */
interface Work {
  readonly invocation: Invocation
  readonly answer: Deferred<Answer>
  /** `performance.now()` at the hand-over. */
  startedMs: number | undefined
  isAnswered: boolean
}

export class ExecutionEnvironment {
  readonly #options: EnvironmentOptions
  readonly #session: RuntimeSession
  readonly #spawnedMs = performance.now()
  #process: RuntimeProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #work: Work | undefined
  #started: Promise<void> | undefined
  #stopped: Promise<void> | undefined
  #isAlive = true
  /** No REPORT line was written yet: the first one carries the time of init. */
  #isFirstReport = true
  /** The answer to whoever is waiting when a limit, and not the process itself, ends it. */
  #limitError: ((requestId: string) => Outcome) | undefined
  #initError: Outcome | undefined
  #initDurationMs: number | undefined
  #idle = createDeferred<void>()

  constructor(options: EnvironmentOptions) {
    this.#options = options
    this.#session = new RuntimeSession(
      {
        ready: () => this.#onReady(),
        handedOver: () => this.#onHandedOver(),
        // After its time an invocation has failed, whatever comes in the window before the kill.
        answered: outcome => this.#answer(this.#limitOutcome() ?? outcome),
        initFailed: outcome => this.#onInitFailed(outcome),
      },
      options.facts,
      () => Date.now() + options.timeoutMs,
    )
  }

  /** Starts the server and then the process; what goes wrong in the process is told to the first invocation. */
  start(): Promise<void> {
    this.#started ??= this.#launch()
    return this.#started
  }

  /** True while the process can still be given an invocation. */
  get isUsable(): boolean {
    return this.#isAlive && this.#stopped === undefined && this.#session.state !== 'InitError'
  }

  /** The error that init ended with, posted or not; `undefined` while there is none. */
  get initError(): Outcome | undefined {
    return this.#initError
  }

  /** Resolves when the runtime asks for an event, or can no longer ask. */
  idle(): Promise<void> {
    return this.#idle.promise
  }

  /** Hands an event over as soon as the runtime asks, and resolves with the answer, whoever gives it. */
  serve(invocation: Invocation): Promise<Answer> {
    const answer = createDeferred<Answer>()
    this.#work = { invocation, answer, startedMs: undefined, isAnswered: false }
    if (this.#initError !== undefined) this.#answer(this.#initError)
    else this.#session.offer(invocation)
    return answer.promise
  }

  /** Ends the process and waits for its end. An invocation that is not answered yet gets its error. */
  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown()
    return this.#stopped
  }

  async #shutDown(): Promise<void> {
    await this.start()
    await this.#process?.kill(this.#session.extensions.hasAny ? SHUTDOWN_WINDOW_MS : 0)
    await this.idle()
  }

  async #launch(): Promise<void> {
    const { bootstrap, directory, envFor, onLog, initTimeoutMs } = this.#options
    const server = await serveRuntimeApi(this.#session)
    const env = envFor(`127.0.0.1:${server.port}`)
    this.#arm(initTimeoutMs, requestId =>
      platformError(
        'Sandbox.Timedout',
        `RequestId: ${requestId} Error: ${describeTimeout(initTimeoutMs)} (init)`,
      ),
    )
    this.#process = new RuntimeProcess({ bootstrap, directory, env, onLog })
    void this.#process.exited.then(exit => this.#onExit(exit, server))
  }

  #onReady(): void {
    clearTimeout(this.#timer)
    this.#initDurationMs ??= performance.now() - this.#spawnedMs
    this.#report()
    this.#work = this.#work?.isAnswered === false ? this.#work : undefined
    this.#idle.resolve()
  }

  #onHandedOver(): void {
    const work = this.#work
    if (work === undefined) return
    const { requestId } = work.invocation
    const { timeoutMs, facts } = this.#options
    work.startedMs = performance.now()
    this.#idle = createDeferred()
    this.#log(`START RequestId: ${requestId} Version: ${facts.version}`)
    this.#arm(timeoutMs, id => timeoutError(id, timeoutMs))
  }

  #onInitFailed(outcome: Outcome): void {
    this.#initError = outcome
    this.#answer(outcome)
    this.#idle.resolve()
  }

  /** Ends the process when the time is over, whatever it does; the invocation that waits then gets this error. */
  #arm(timeoutMs: number, error: (requestId: string) => Outcome): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#limitError = error
      const id = this.#work?.invocation.requestId
      this.#log(`${new Date().toISOString()} ${id ?? 'init'} ${describeTimeout(timeoutMs)}`)
      void this.stop()
    }, timeoutMs)
  }

  #limitOutcome(): Outcome | undefined {
    return this.#limitError?.(this.#work?.invocation.requestId ?? '')
  }

  #answer(outcome: Outcome): void {
    const work = this.#work
    if (work === undefined || work.isAnswered) return
    work.isAnswered = true
    const durationMs = work.startedMs === undefined ? 0 : performance.now() - work.startedMs
    work.answer.resolve({ ...outcome, requestId: work.invocation.requestId, durationMs })
  }

  async #onExit(exit: RuntimeExit, server: LoopbackServer): Promise<void> {
    clearTimeout(this.#timer)
    this.#isAlive = false
    await server.close()
    const requestId = this.#work?.invocation.requestId ?? ''
    const error = this.#limitOutcome() ?? exitError(requestId, exit, this.#options.bootstrap)
    if (this.#initDurationMs === undefined) this.#initError ??= error
    this.#answer(error)
    this.#report()
    this.#idle.resolve()
  }

  /** Lambda's two lines after an invocation, written once: when the runtime asks for more, or is gone. */
  #report(): void {
    const work = this.#work
    if (work?.startedMs === undefined || !work.isAnswered) return
    const { requestId } = work.invocation
    const durationMs = performance.now() - work.startedMs
    work.startedMs = undefined
    this.#log(`END RequestId: ${requestId}`)
    const { memoryMb } = this.#options
    const initDurationMs = this.#isFirstReport ? this.#initDurationMs : undefined
    this.#isFirstReport = false
    this.#log(formatReport({ requestId, durationMs, memoryMb, initDurationMs }))
  }

  #log(text: string): void {
    this.#options.onLog({ source: 'platform', text })
  }
}
