// An invocation from the event's arrival to the accepted answer, and the set of those under way. The handler's
// promise, an uncaught exception and an event loop run empty all want to say how it ended: the first one counts.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Invocation, InvocationOutcome } from '../contract.ts'
import type { FailureTitle } from '../logs/failure-log.ts'

/**
 * States: running (the handler may still settle it) -> answering (settled; the answer is on its way) -> answered.
 * `settle` makes the first transition, the loop the second; there is no way back.
 */
export class RunningInvocation {
  readonly invocation: Invocation
  /** How it ended; resolves once. */
  readonly outcome: Promise<InvocationOutcome>
  /** Resolves when the Runtime API took the answer, or when there is no use in trying. */
  readonly answered: Promise<void>
  /** What the function's code keeps for this invocation in `InvokeStore`. */
  readonly values: Record<PropertyKey, unknown> = {}
  /** How its failure is called in the log; what ends the process has a name of its own. */
  failureTitle: FailureTitle = 'Invoke Error'
  /**
   * How it ends when the event loop runs empty while it is running; where absent, that is a failure. `undefined` from
   * it means that it goes on.
   */
  atEmptyLoop: (() => InvocationOutcome | undefined) | undefined
  state: 'running' | 'answering' | 'answered' = 'running'
  #resolveOutcome: (outcome: InvocationOutcome) => void = () => {}
  #resolveAnswered: () => void = () => {}

  constructor(invocation: Invocation) {
    this.invocation = invocation
    this.outcome = new Promise(resolve => {
      this.#resolveOutcome = resolve
    })
    this.answered = new Promise(resolve => {
      this.#resolveAnswered = resolve
    })
  }

  /** Ends it if nothing has yet; false when it was too late. */
  settle(outcome: InvocationOutcome): boolean {
    if (this.state !== 'running') return false
    this.state = 'answering'
    this.#resolveOutcome(outcome)
    return true
  }

  markAnswered(): void {
    this.state = 'answered'
    this.#resolveAnswered()
  }
}

/** The invocations under way, and which of them the running code belongs to. */
export class InFlight {
  readonly #scope = new AsyncLocalStorage<RunningInvocation>()
  readonly #running = new Set<RunningInvocation>()

  /** Runs `work` as part of the invocation: everything it starts, timers included, belongs to it. */
  run<T>(running: RunningInvocation, work: () => T): T {
    return this.#scope.run(running, work)
  }

  /** Whether any invocation was ever added. */
  hasServed = false

  add(running: RunningInvocation): void {
    this.hasServed = true
    this.#running.add(running)
  }

  remove(running: RunningInvocation): void {
    this.#running.delete(running)
  }

  all(): readonly RunningInvocation[] {
    return [...this.#running]
  }

  /** The invocation that the calling code works for; where the context was lost, the only one there is. */
  current(): RunningInvocation | undefined {
    const store = this.#scope.getStore()
    if (store !== undefined || this.#running.size !== 1) return store
    for (const only of this.#running) return only
    return undefined
  }
}
