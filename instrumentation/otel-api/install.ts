// Where copies of @opentelemetry/api look for a tracer: one property of the global object. Any number of copies share
// it, in modules and in bundles. It is put there without loading anything; what stands behind it is loaded when the
// first copy asks (`api-global.ts`).

import type { TracerProvider } from '@opentelemetry/api'

/** `@opentelemetry/api` 1.x; version 2 would have a key of its own. */
const KEY = Symbol.for('opentelemetry.js.api.1')

/** What stands at the key. Metrics, logs and `diag` are the function's: whoever wants them sets them here. */
export interface ApiGlobal {
  readonly version: string
  trace?: TracerProvider
  context?: unknown
  propagation?: unknown
  diag?: unknown
}

export interface LoadedApi {
  readonly global: ApiGlobal
  /** A copy is about to set something on the global. */
  onRegistration(): void
}

/** Loads what stands on the global, for code of our own; `undefined` where that fails. */
export type InstalledApi = () => ApiGlobal | undefined

/**
 * `undefined` where a tracer, a context manager or a propagator stands there already: code that was loaded before the
 * function, by `NODE_OPTIONS`, brought an SDK of its own.
 */
export function installApi(load: () => LoadedApi | undefined): InstalledApi | undefined {
  const globals = globalThis as { [KEY]?: ApiGlobal }
  const existing = globals[KEY]
  if (existing?.trace ?? existing?.context ?? existing?.propagation) return undefined
  let api: LoadedApi | undefined
  let hasFailed = false
  const get = (): ApiGlobal | undefined => {
    if (api === undefined && !hasFailed) {
      api = load()
      hasFailed = api === undefined
      if (api !== undefined && existing?.diag !== undefined) api.global.diag = existing.diag
    }
    return api?.global
  }
  Object.defineProperty(globalThis, KEY, {
    configurable: true,
    get,
    // Copies set what they have just got, before they set a part of it; whoever sets something else means it.
    set(value: unknown) {
      if (api !== undefined && value === api.global) api.onRegistration()
      else Object.defineProperty(globalThis, KEY, { value, configurable: true, writable: true })
    },
  })
  return get
}
