// One span while it is open: what is set on it, within its limits. It is written as bytes when it ends and then
// forgotten, so it holds its attributes as a flat list and nothing that encoding does not need.
import type { Attributes, AttributeValue } from './attributes.ts'
import {
  DEFAULT_NESTED_ATTRIBUTES,
  limitValue,
  MAX_NAME_LENGTH,
  type SpanLimits,
} from './limits.ts'
import type { Scope } from './scope.ts'
import type { SpanContext } from './span-context.ts'
import type { SpanKind } from './span-kind.ts'

/** OTLP's `Status.StatusCode`. */
export const STATUS_UNSET = 0
export const STATUS_OK = 1
export const STATUS_ERROR = 2

export interface SpanEvent {
  readonly name: string
  readonly timeMs: number
  readonly attributes: readonly (readonly [string, AttributeValue])[]
  /** Absent where none was. */
  readonly droppedAttributes?: number
}

export interface SpanLink {
  readonly context: SpanContext
  readonly attributes: readonly (readonly [string, AttributeValue])[]
  /** Absent where none was. */
  readonly droppedAttributes?: number
}

export interface SpanInit {
  readonly context: SpanContext
  readonly parentSpanId: string | undefined
  /** Whether the parent is in another process. */
  readonly hasRemoteParent: boolean
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
  readonly limits: SpanLimits
  readonly onEnd: (span: Span) => void
  /** False for a span that nobody will see: nothing is stored on it. True where absent. */
  readonly isRecording?: boolean
  /** Absent for spans of Baton's own. */
  readonly scope?: Scope | undefined
}

/** States: open -> ended, by `end()`. On an ended span everything is without effect, and on one that does not record. */
export class Span {
  readonly context: SpanContext
  readonly parentSpanId: string | undefined
  readonly hasRemoteParent: boolean
  readonly kind: SpanKind
  readonly startMs: number
  readonly isRecording: boolean
  readonly scope: Scope | undefined
  name: string
  endMs = 0
  statusCode: typeof STATUS_UNSET | typeof STATUS_OK | typeof STATUS_ERROR = STATUS_UNSET
  statusMessage = ''
  /** Key, value, key, value, … */
  readonly attributes: (string | AttributeValue)[] = []
  readonly events: SpanEvent[] = []
  readonly links: SpanLink[] = []
  droppedAttributes = 0
  droppedEvents = 0
  droppedLinks = 0
  readonly #limits: SpanLimits
  readonly #onEnd: (span: Span) => void

  constructor(init: SpanInit) {
    this.context = init.context
    this.parentSpanId = init.parentSpanId
    this.hasRemoteParent = init.hasRemoteParent
    this.kind = init.kind
    this.startMs = init.startMs
    this.isRecording = init.isRecording ?? true
    this.scope = init.scope
    this.name = init.name.slice(0, MAX_NAME_LENGTH)
    this.#limits = init.limits
    this.#onEnd = init.onEnd
  }

  get isEnded(): boolean {
    return this.endMs !== 0
  }

  get #isClosed(): boolean {
    return this.endMs !== 0 || !this.isRecording
  }

  /** Sets or replaces; what is no attribute value is left out. */
  setAttribute(key: string, value: AttributeValue | undefined): void {
    if (this.#isClosed || value === undefined) return
    const limited = limitValue(value, this.#limits.attributeValueLength)
    if (limited === undefined) return
    const index = this.#indexOf(key)
    if (index !== -1) this.attributes[index + 1] = limited
    else if (this.attributes.length < 2 * this.#limits.attributeCount)
      this.attributes.push(key, limited)
    else this.droppedAttributes++
  }

  setAttributes(attributes: Attributes): void {
    if (this.#isClosed) return
    for (const key in attributes) this.setAttribute(key, attributes[key])
  }

  /** Sets what is not set yet: what the function's code said of its span stands. */
  fillAttributes(attributes: Attributes): void {
    if (this.#isClosed) return
    for (const key in attributes) {
      if (this.#indexOf(key) === -1) this.setAttribute(key, attributes[key])
    }
  }

  addEvent(name: string, timeMs: number, attributes: Attributes = {}): void {
    if (this.#isClosed) return
    if (this.events.length >= this.#limits.eventCount) this.droppedEvents++
    else
      this.events.push({
        name,
        timeMs,
        ...this.#limitNested(attributes, this.#limits.eventAttributeCount),
      })
  }

  addLink(context: SpanContext, attributes: Attributes = {}): void {
    if (this.#isClosed) return
    if (this.links.length >= this.#limits.linkCount) this.droppedLinks++
    else
      this.links.push({
        context,
        ...this.#limitNested(attributes, this.#limits.linkAttributeCount),
      })
  }

  /** Marks the span as failed; the message may be empty. */
  setError(message: string): void {
    if (this.#isClosed) return
    this.statusCode = STATUS_ERROR
    this.statusMessage = message.slice(0, this.#limits.attributeValueLength)
  }

  /** The function's code says that all is well. */
  setOk(): void {
    if (this.#isClosed) return
    this.statusCode = STATUS_OK
    this.statusMessage = ''
  }

  rename(name: string): void {
    if (!this.#isClosed) this.name = name.slice(0, MAX_NAME_LENGTH)
  }

  /** Ends it; the second call and later ones are without effect. A span never ends before it started. */
  end(timeMs: number): void {
    if (this.isEnded) return
    this.endMs = Math.max(timeMs, this.startMs)
    this.#onEnd(this)
  }

  #indexOf(key: string): number {
    for (let index = 0; index < this.attributes.length; index += 2) {
      if (this.attributes[index] === key) return index
    }
    return -1
  }

  #limitNested(
    attributes: Attributes,
    maxCount = DEFAULT_NESTED_ATTRIBUTES,
  ): Pick<SpanEvent, 'attributes' | 'droppedAttributes'> {
    const kept: (readonly [string, AttributeValue])[] = []
    let droppedAttributes = 0
    for (const key in attributes) {
      const value = limitValue(attributes[key], this.#limits.attributeValueLength)
      if (value === undefined) continue
      if (kept.length < maxCount) kept.push([key, value])
      else droppedAttributes++
    }
    return { attributes: kept, ...(droppedAttributes > 0 && { droppedAttributes }) }
  }
}
