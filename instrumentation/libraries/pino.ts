// Trace ids in pino's lines, by the channel that pino publishes on as it makes each line: in modules and bundles alike, from
// the version on that has the channel. The line is made between the two messages, within one call: meanwhile the logger has
// two more bindings, which pino keeps as the text that begins each of its lines.
import type { TraceIds } from '../../runtime/contract.ts'
import type { Subscribe } from '../hooks/channels.ts'

type Logger = Record<symbol, unknown>

interface LineMessage {
  readonly instance?: unknown
  /** Of the call: the object to be merged, the text, … */
  readonly arguments?: ArrayLike<unknown>
}

/** `Symbol('pino.chindings')`, one in each copy of pino. */
const BINDINGS = 'pino.chindings'

export function nameSpansInPino(subscribe: Subscribe, ids: () => TraceIds | undefined): void {
  const restores = new WeakMap<object, () => void>()

  subscribe('tracing:pino_asJson:start', each => {
    const message = each as LineMessage
    const span = ids()
    const key = bindingsKey(message.instance)
    if (span === undefined || key === undefined || namesTrace(message.arguments?.[0])) return
    const logger = message.instance as Logger
    const bindings = String(logger[key])
    if (bindings.includes('"trace_id":')) return
    const isOwn = Object.hasOwn(logger, key)
    logger[key] = `${bindings},"trace_id":"${span.traceId}","span_id":"${span.spanId}"`
    restores.set(message, () => {
      if (isOwn) logger[key] = bindings
      else delete logger[key]
    })
  })
  subscribe('tracing:pino_asJson:end', message => restores.get(message as object)?.())
}

/** Of the logger or of what it inherits from: children share what they do not change. */
function bindingsKey(logger: unknown): symbol | undefined {
  for (
    let each: unknown = logger;
    typeof each === 'object' && each !== null;
    each = Object.getPrototypeOf(each)
  ) {
    const key = Object.getOwnPropertySymbols(each).find(
      ({ description }) => description === BINDINGS,
    )
    if (key !== undefined) return key
  }
  return undefined
}

/** The line's own fields, or a mixin's, name a trace already. */
const namesTrace = (merged: unknown): boolean =>
  typeof merged === 'object' && merged !== null && Object.hasOwn(merged, 'trace_id')
