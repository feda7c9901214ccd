// Where copies of @opentelemetry/api look for a tracer: one property of the global object. Any number of copies share
// it, in modules and in bundles. It is put there without loading anything; what stands behind it is loaded when the
// first copy asks (`api-global.ts`).

/** `@opentelemetry/api` 1.x; version 2 would have a key of its own. */
const KEY = Symbol.for('opentelemetry.js.api.1')

/** What stands at the key. Metrics, logs and `diag` are the function's: whoever wants them sets them here. */
export interface ApiGlobal {
  readonly version: string
  trace?: unknown
  context?: unknown
  propagation?: unknown
  diag?: unknown
}

export interface LoadedApi {
  readonly global: ApiGlobal
  /** A copy is about to set something on the global. */
  onRegistration(): void
}

/**
 * False where a tracer, a context manager or a propagator stands there already: code that was loaded before the function, by
 * `NODE_OPTIONS`, brought an SDK of its own.
 */
export function installApi(load: () => LoadedApi | undefined): boolean {
  const globals = globalThis as { [KEY]?: ApiGlobal }
  const existing = globals[KEY]
  if (existing?.trace ?? existing?.context ?? existing?.propagation) return false
  let api: LoadedApi | undefined
  let hasFailed = false
  Object.defineProperty(globalThis, KEY, {
    configurable: true,
    get() {
      if (api === undefined && !hasFailed) {
        api = load()
        hasFailed = api === undefined
        if (existing?.diag !== undefined && api !== undefined) api.global.diag = existing.diag
      }
      return api?.global
    },
    // Copies set what they have just got, before they set a part of it; whoever sets something else means it.
    set(value: unknown) {
      if (value === api?.global && value !== undefined) api?.onRegistration()
      else Object.defineProperty(globalThis, KEY, { value, configurable: true, writable: true })
    },
  })
  return true
}
