// `globalThis.awslambda.InvokeStore`: AWS's per-invocation store. AWS SDK v3, Powertools and the X-Ray SDK read the
// trace context of a call from it, which is how their calls carry ours without a patch. Keys and behaviour are those
// of @aws/lambda-invoke-store 0.3.
import { AsyncLocalStorage } from 'node:async_hooks'
import { getCallSites } from 'node:util'
import type { TraceContextSource } from './contract.ts'
import type { InFlight } from './invocation/in-flight.ts'
import { takeW3C, type W3CContext } from './invocation/w3c-context.ts'

const REQUEST_ID = Symbol.for('_AWS_LAMBDA_REQUEST_ID')
const X_RAY_TRACE_ID = Symbol.for('_AWS_LAMBDA_X_RAY_TRACE_ID')
const TENANT_ID = Symbol.for('_AWS_LAMBDA_TENANT_ID')
const TRACEPARENT = Symbol.for('_AWS_LAMBDA_TRACEPARENT')
const TRACESTATE = Symbol.for('_AWS_LAMBDA_TRACESTATE')
const BAGGAGE = Symbol.for('_AWS_LAMBDA_BAGGAGE')

type Values = Record<PropertyKey, unknown>

const NOTHING: W3CContext = {}

/** The getters answer for the moment of the call: from the span active then, where there is a tracer. */
export class InvokeStore {
  readonly #inFlight: InFlight
  readonly #source: TraceContextSource | undefined
  /** Contexts that code sets for itself by `run`, over the invocation's. */
  #overlay: AsyncLocalStorage<Values> | undefined

  readonly #readers: ReadonlyMap<PropertyKey, () => unknown> = new Map<PropertyKey, () => unknown>([
    [REQUEST_ID, () => this.#inFlight.current()?.invocation.requestId],
    [TENANT_ID, () => this.#inFlight.current()?.invocation.tenantId],
    [X_RAY_TRACE_ID, () => this.#xrayTraceId()],
    [TRACEPARENT, () => this.#source?.traceparent() ?? this.#incoming().traceparent],
    [TRACESTATE, () => this.#source?.tracestate() ?? this.#incoming().tracestate],
    [BAGGAGE, () => this.#source?.baggage() ?? this.#incoming().baggage],
  ])

  constructor(inFlight: InFlight, source: TraceContextSource | undefined) {
    this.#inFlight = inFlight
    this.#source = source
  }

  getRequestId(): string {
    return this.#text(REQUEST_ID) ?? '-'
  }

  getXRayTraceId(): string | undefined {
    return this.#text(X_RAY_TRACE_ID)
  }

  getTenantId(): string | undefined {
    return this.#text(TENANT_ID)
  }

  getTraceparent(): string | undefined {
    return this.#mayTell() ? this.#text(TRACEPARENT) : undefined
  }

  getTracestate(): string | undefined {
    return this.#mayTell() ? this.#text(TRACESTATE) : undefined
  }

  getBaggage(): string | undefined {
    return this.#mayTell() ? this.#text(BAGGAGE) : undefined
  }

  isProtectedKey(key: PropertyKey): boolean {
    return this.#readers.has(key)
  }

  hasContext(): boolean {
    return this.#overlay?.getStore() !== undefined || this.#inFlight.current() !== undefined
  }

  getContext(): Values | undefined {
    const overlay = this.#overlay?.getStore()
    if (overlay !== undefined) return overlay
    const running = this.#inFlight.current()
    if (running === undefined) return undefined
    const context: Values = { ...running.values }
    for (const [key, read] of this.#readers) context[key] = read()
    return context
  }

  get(key: PropertyKey): unknown {
    const overlay = this.#overlay?.getStore()
    if (overlay !== undefined) return overlay[key]
    const read = this.#readers.get(key)
    return read === undefined ? this.#inFlight.current()?.values[key] : read()
  }

  set(key: PropertyKey, value: unknown): void {
    if (this.isProtectedKey(key)) {
      throw new Error(`Cannot modify protected Lambda context field: ${String(key)}`)
    }
    const values = this.#overlay?.getStore() ?? this.#inFlight.current()?.values
    if (values === undefined) throw new Error('No context available')
    values[key] = value
  }

  run<T>(context: Values, work: () => T): T {
    this.#overlay ??= new AsyncLocalStorage()
    return this.#overlay.run(context, work)
  }

  /** What the caller of a direct Invoke sent, where no span of ours stands between. */
  #incoming(): W3CContext {
    if (this.#source?.ids() !== undefined) return NOTHING
    return takeW3C(this.#inFlight.current()?.invocation.clientContext).w3c
  }

  /**
   * AWS SDK v3 signs whatever W3C headers it is told, also for a URL that others are to call (`getSignedUrl`): who calls
   * it does not send them, and is refused. X-Ray's header it never signs. Which of the two it asks for is not to be seen,
   * except within a call that a hook follows. But it always asks from an arrow function without a name, minified or not,
   * and is told nothing then: such a call is given its headers when it is sent. A handler has a name.
   */
  #mayTell(): boolean {
    if (this.#source === undefined || this.#source.isSending()) return true
    return this.#overlay?.getStore() !== undefined || hasCallerName()
  }

  #xrayTraceId(): string | undefined {
    const incoming = this.#inFlight.current()?.invocation.traceHeader
    return this.#source === undefined ? incoming : this.#source.xrayTraceId(incoming)
  }

  #text(key: PropertyKey): string | undefined {
    const value = this.get(key)
    return typeof value === 'string' ? value : undefined
  }
}

/** Frames: this function, `#mayTell`, the getter, and who asks it. */
const FRAMES = 4

/** `getCallSites` came with Node 22.9. */
function hasCallerName(): boolean {
  const caller = getCallSites?.(FRAMES, { sourceMap: false })[FRAMES - 1]
  return caller !== undefined && caller.functionName !== ''
}
