// The steps that a web framework takes with a request, each a span: its middleware and its handlers. A framework that
// goes through hundreds of them gives as many spans as have room, and its route in any case.
import { ATTR_CODE_FUNCTION_NAME, ATTR_HTTP_ROUTE } from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_INTERNAL } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { openCall, runCall, type TracedCall } from '../traced-call.ts'

export interface Step {
  readonly kind: 'middleware' | 'handler'
  /** Of the function that is called; may be empty. */
  readonly functionName: string | undefined
  /** What the span is called after its kind, where that is not the function's name. */
  readonly label?: string | undefined
  /** Template of the route; of the invocation it becomes the route. */
  readonly route?: string | undefined
  readonly attributes?: Attributes
}

/** Spans of the steps of one invocation, and those that middleware leaves to what comes behind it. */
const MAX_STEPS = 64
const LEFT_TO_HANDLERS = 16

const WORDS = { middleware: 'middleware', handler: 'request handler' }

/** Counts a step of the invocation; false outside of one, and where it has had too many. */
export function hasRoom({ tracer }: LibraryTools, isMiddleware = false): boolean {
  const served = tracer.active()?.served
  const limit = isMiddleware ? MAX_STEPS - LEFT_TO_HANDLERS : MAX_STEPS
  if (served === undefined || served.steps >= limit) return false
  served.steps++
  return true
}

/** What the framework matched; a later, inner match says more. */
export function setRoute({ tracer }: LibraryTools, route: unknown): void {
  const served = tracer.active()?.served
  if (served !== undefined && typeof route === 'string' && route !== '') served.route = route
}

/** `undefined` outside of an invocation, and where there is no room or no wish for the span. */
export function openStep(tools: LibraryTools, step: Step): TracedCall | undefined {
  const { kind, functionName, label, route } = step
  if (kind === 'handler') setRoute(tools, route)
  else if (!tools.settings.middlewareSpans) return undefined
  if (!hasRoom(tools, kind === 'middleware')) return undefined
  return openCall(tools, {
    name: `${WORDS[kind]} - ${label ?? route ?? (functionName || 'anonymous')}`,
    kind: SPAN_KIND_INTERNAL,
    attributes: {
      [ATTR_CODE_FUNCTION_NAME]: functionName || undefined,
      [ATTR_HTTP_ROUTE]: route,
      ...step.attributes,
    },
  })
}

/** Calls the function as a step, or as it is. */
export function runStep(
  tools: LibraryTools,
  describe: () => Step | undefined,
  work: () => unknown,
): unknown {
  const call = tools.guard.run('a step of a web framework', () => {
    const step = describe()
    return step && openStep(tools, step)
  })
  return call === undefined ? work() : runCall(tools, call, work)
}

/** A mount's template and what stands below it. */
export function joinRoute(prefix: string, path: string): string {
  if (path === '/' || path === '') return prefix === '' ? '/' : prefix
  const base = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path.startsWith('/') ? base + path : `${base}/${path}`
}
