// Traces as they come: each is drawn when its spans have come to rest. A trace of several invocations, or one whose
// last spans come late, is drawn again, whole.
import type { CollectedSpan } from '../collector/span.ts'
import type { SpanStore } from '../collector/span-store.ts'
import { type RenderOptions, renderTrace } from './render-trace.ts'

export interface LiveTracesOptions extends RenderOptions {
  readonly write: (text: string) => void
  /** For how long nothing more of a trace has come when it is drawn. */
  readonly quietMs?: number
}

/** A process sends the spans of one invocation in one request, so only those of others are waited for. */
const QUIET_MS = 200

export interface LiveTraces {
  /** Draws what waits and stops. */
  stop(): void
}

/** Draws every trace that `store` gets from now on. */
export function drawLiveTraces(store: SpanStore, options: LiveTracesOptions): LiveTraces {
  const waiting = new Map<string, NodeJS.Timeout>()
  const draw = (traceId: string): void => {
    clearTimeout(waiting.get(traceId))
    waiting.delete(traceId)
    const spans = store.spans.filter(span => span.traceId === traceId)
    if (spans.length > 0) options.write(`\n${renderTrace(spans, options)}\n`)
  }
  const unlisten = store.listen((spans: readonly CollectedSpan[]) => {
    for (const traceId of new Set(spans.map(span => span.traceId))) {
      clearTimeout(waiting.get(traceId))
      waiting.set(
        traceId,
        setTimeout(() => draw(traceId), options.quietMs ?? QUIET_MS),
      )
    }
  })
  return {
    stop() {
      unlisten()
      for (const traceId of [...waiting.keys()]) draw(traceId)
    },
  }
}
