// `records(event)`: the records of a batch, each with a span of its own while it is worked on, for handlers that want
// to say so. The spans of one event are found by the event, so that nothing is kept beside it.

import type { ExtractedParent } from '../propagation/extract-parent.ts'
import type { ActiveContext, Tracer } from '../trace/tracer.ts'
import { fieldsOf } from '../triggers/fields.ts'
import type { Batch } from '../triggers/trigger.ts'
import { BatchSpans } from './batch-spans.ts'
import { callWith } from './call.ts'
import { loopOver } from './loop.ts'
import { TracedLists } from './traced-list.ts'

/** The records of an event, to be gone over once or several times. */
export interface RecordIterable<T> extends Iterable<T> {
  /** Calls `work` with each record, whose span is active inside of it and lasts until its promise settles. */
  map<R>(work: (record: T, index: number) => R): R[]
}

export interface RecordSpans {
  /** Opens the spans of an event's records; `undefined` for events that are no batch. */
  open(opening: BatchOpening): BatchSpans | undefined
  /** What handlers call. Of an event without records it has none; it never throws. */
  records<T = unknown>(event: unknown): RecordIterable<T>
}

export interface BatchOpening {
  readonly event: unknown
  readonly batch: Batch | undefined
  readonly extracted: ExtractedParent
  /** What the handler runs under. */
  readonly invocation: ActiveContext
}

export interface RecordSpansOptions {
  /** Spans also for handlers that know nothing of them, as they go over `event.Records`. */
  readonly isAutomatic: boolean
}

export function createRecordSpans(
  tracer: Tracer,
  { isAutomatic }: RecordSpansOptions,
): RecordSpans {
  const batches = new WeakMap<object, BatchSpans>()
  const traced = isAutomatic ? new TracedLists() : undefined
  return {
    open({ event, batch, extracted, invocation }) {
      if (batch === undefined || typeof event !== 'object' || event === null) return undefined
      const spans = new BatchSpans(tracer, batch, extracted, invocation)
      batches.set(event, spans)
      if (traced !== undefined) for (const list of batch.lists) traced.trace(list, spans)
      return spans
    },
    records: event => iterableOf(event, batches.get(event as object)),
  }
}

/** The same without spans: what `records` is where there is no tracing. */
export const plainRecords = <T = unknown>(event: unknown): RecordIterable<T> =>
  iterableOf(event, undefined)

function iterableOf<T>(event: unknown, batch: BatchSpans | undefined): RecordIterable<T> {
  const lists = listsOfEvent(event) as readonly (readonly T[])[]
  return {
    *[Symbol.iterator]() {
      for (const list of lists) {
        if (batch === undefined) yield* Array.prototype.values.call(list)
        else yield* loopOver(batch, list, record => record, { isAutomatic: false })
      }
    },
    map(work) {
      // By hand: the list's own `map` may have spans of its own.
      const results: ReturnType<typeof work>[] = []
      for (const list of lists) {
        for (let at = 0; at < list.length; at++) {
          const record = list[at] as T
          const index = results.length
          results.push(
            batch === undefined
              ? work(record, index)
              : callWith(batch, record, index, work, () => false),
          )
        }
      }
      return results
    },
  }
}

/** Where events keep their records; all of them, also those that have no spans. */
function listsOfEvent(event: unknown): readonly (readonly unknown[])[] {
  try {
    if (Array.isArray(event)) return [event]
    const { Records, records, rmqMessagesByQueue, messages, events, tasks } = fieldsOf(event)
    const held = Records ?? records ?? rmqMessagesByQueue ?? messages ?? events ?? tasks
    return Array.isArray(held) ? [held] : Object.values(fieldsOf(held)).filter(isList)
  } catch {
    return []
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
