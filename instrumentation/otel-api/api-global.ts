// What @opentelemetry/api finds on its global: our tracer provider, context manager and propagator. A file of its own
// beside the runtime's, loaded when the first copy of the API asks.
//
// A copy takes what is there if the version recorded there has its major and at least its minor number; the newest of
// all suits every copy. To set something a copy wants to find its own version, to the letter: so while one does,
// that is the version it finds.
import type { Guard } from '../guard.ts'
import type { Propagation } from '../propagation/propagation.ts'
import type { Tracer } from '../trace/tracer.ts'
import { ApiContextManager } from './context-manager.ts'
import type { ApiGlobal, LoadedApi } from './install.ts'
import { ApiPropagator } from './propagator.ts'
import { findRegistrantVersion } from './registrant.ts'
import { ApiTracerProvider } from './tracer-provider.ts'

export { loadInstrumentations } from './load-instrumentations.ts'

export interface ApiTools {
  readonly tracer: Tracer
  readonly propagation: Propagation
  readonly guard: Guard
}

/** The newest 1.x there can be. */
const VERSION = '1.999.0'

export function createApi({ tracer, propagation, guard }: ApiTools): LoadedApi {
  let version = VERSION
  const warn = (message: string): void => {
    const diag = global.diag as { warn?(message: string): void } | undefined
    diag?.warn?.(`baton: ${message}`)
  }
  const manager = new ApiContextManager({ tracer, warn, guard })
  const global: ApiGlobal = {
    get version() {
      const now = version
      version = VERSION
      return now
    },
    trace: new ApiTracerProvider({ tracer, manager, warn, guard }),
    context: manager,
    propagation: new ApiPropagator(tracer, propagation),
  }
  return {
    global,
    onRegistration() {
      version = guard.run('reading the version of an API', findRegistrantVersion) ?? VERSION
    },
  }
}
