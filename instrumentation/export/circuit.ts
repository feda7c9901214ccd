// The circuit breaker before one collector: after a failure nothing is sent for a while, longer after each further one,
// and then one request tries again. Nobody waits for that request.

const FIRST_WAIT_MS = 1000
const MAX_WAIT_MS = 60_000
/** A collector's own wish (`Retry-After`) is kept up to here. */
const MAX_ASKED_WAIT_MS = 300_000
/** Of each wait: environments that failed together must not come back together. */
const JITTER = 0.25

/**
 * States: closed -> (failure) open until `retryAtMs` -> half open, which is when that time has come -> (success) closed
 * or (failure) open again, for twice as long.
 */
export class Circuit {
  readonly #random: () => number
  #waitMs = 0
  #retryAtMs = 0

  /** `random` is at least 0 and below 1. */
  constructor(random: () => number) {
    this.#random = random
  }

  /** The last request failed; what is sent now is a probe. */
  get isFailing(): boolean {
    return this.#waitMs > 0
  }

  isOpen(nowMs: number): boolean {
    return this.isFailing && nowMs < this.#retryAtMs
  }

  succeed(): void {
    this.#waitMs = 0
  }

  /** `askedMs` is what the collector asked to be left alone for. */
  fail(nowMs: number, askedMs = 0): void {
    this.#waitMs = Math.min(MAX_WAIT_MS, this.#waitMs * 2 || FIRST_WAIT_MS)
    const jittered = this.#waitMs * (1 + JITTER * this.#random())
    this.#retryAtMs = nowMs + Math.max(jittered, Math.min(askedMs, MAX_ASKED_WAIT_MS))
  }
}
