// The event's own lists of records, so that handlers get spans by going over them as they always did. A list stays
// an array: `Array.isArray`, JSON, indexes, length, spread and `filter` are as before; only its prototype is ours, an
// object between it and `Array.prototype`. (A property `Symbol.iterator` on the list itself would make every spread
// and every destructuring of the whole process four times slower: V8 gives up its fast path for arrays for good.)

import type { BatchSpans } from './batch-spans.ts'
import { callWith } from './call.ts'
import { loopOver } from './loop.ts'

type List = readonly unknown[]
type Work = (record: unknown, index: number, list: List) => unknown

const AUTOMATIC = { isAutomatic: true } as const
const showRecord = (record: unknown): unknown => record
const showEntry = (record: unknown, index: number): unknown => [index, record]

/** Below it a callback without a promise and without a call was no work on the record. */
const MIN_CALL_MS = 0.003

export class TracedLists {
  readonly #batches = new WeakMap<object, BatchSpans>()
  readonly #prototype: object

  constructor() {
    this.#prototype = this.#createPrototype()
  }

  /** Lists that were frozen, or have another prototype already, stay as they are. */
  trace(list: List, batch: BatchSpans): void {
    if (Object.getPrototypeOf(list) !== Array.prototype || !Object.isExtensible(list)) return
    this.#batches.set(list, batch)
    Object.setPrototypeOf(list, this.#prototype)
  }

  #createPrototype(): object {
    const batches = this.#batches
    const currentBatch = (list: List): BatchSpans | undefined => {
      const batch = batches.get(list)
      return batch?.isCurrent() === true ? batch : undefined
    }
    // Methods of an array, which is what `this` is in them.
    const methods = {
      [Symbol.iterator](this: List): Iterator<unknown> {
        const batch = currentBatch(this)
        if (batch === undefined) return Array.prototype[Symbol.iterator].call(this)
        return loopOver(batch, this, showRecord, AUTOMATIC)
      },
      entries(this: List): Iterator<unknown> {
        const batch = currentBatch(this)
        if (batch === undefined) return Array.prototype.entries.call(this)
        return loopOver(batch, this, showEntry, AUTOMATIC)
      },
      map(this: List, work: Work, self?: unknown): unknown {
        const batch = currentBatch(this)
        return Array.prototype.map.call(
          this,
          withSpans(batch, work, self, () => true),
          self,
        )
      },
      forEach(this: List, work: Work, self?: unknown): void {
        const batch = currentBatch(this)
        const isShort = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
          endMs - startMs < MIN_CALL_MS
        Array.prototype.forEach.call(this, withSpans(batch, work, self, isShort), self)
      },
    }
    return Object.create(Array.prototype, describe(methods))
  }
}

/** The callback with a span around each of its calls. What is no function goes on to the method, which refuses it. */
function withSpans(
  batch: BatchSpans | undefined,
  work: Work,
  self: unknown,
  isNoWork: (step: { readonly startMs: number; readonly endMs: number }) => boolean,
): Work {
  if (batch === undefined || typeof work !== 'function') return work
  return (record, index, list) =>
    callWith(
      batch,
      record,
      index,
      () => Reflect.apply(work, self, [record, index, list]),
      step => !step.isUsed && isNoWork(step),
    )
}

/** As the methods of `Array.prototype` are: not seen by whoever lists properties. */
function describe(methods: object): PropertyDescriptorMap {
  const descriptors = Object.getOwnPropertyDescriptors(methods) as PropertyDescriptorMap
  for (const key of Reflect.ownKeys(descriptors)) {
    const descriptor = descriptors[key as string]
    if (descriptor !== undefined) descriptor.enumerable = false
  }
  return descriptors
}
