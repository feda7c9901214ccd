// Spans as OpenTelemetry's API sees them: around one of the tracer's, or around nothing but a context.
import type {
  Attributes as ApiAttributes,
  SpanContext as ApiSpanContext,
  AttributeValue,
  Exception,
  Link,
  Span,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api'
import type { Guard } from '../guard.ts'
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '../semconv.ts'
import type { Attributes } from '../trace/attributes.ts'
import type { Clock } from '../trace/clock.ts'
import { type Span as NativeSpan, STATUS_OK } from '../trace/span.ts'
import { fromApi, toApi } from './span-context.ts'
import { isTime, readTime } from './time.ts'

export interface SpanTools {
  readonly clock: Clock
  readonly guard: Guard
  /** Tells the function's author, where they set up a logger for such. */
  readonly warn: (message: string) => void
}

/** The API's numbers. */
const API_STATUS_OK = 1
const API_STATUS_ERROR = 2

/** What is wrong with an argument costs that argument, never the call. After its end everything is without effect. */
export class ApiSpan implements Span {
  readonly native: NativeSpan
  readonly #tools: SpanTools
  /** The function's code made it, and ends it; others are ended by who made them. */
  readonly #isOwn: boolean
  #context: ApiSpanContext | undefined

  constructor(native: NativeSpan, tools: SpanTools, isOwn: boolean) {
    this.native = native
    this.#tools = tools
    this.#isOwn = isOwn
  }

  spanContext(): ApiSpanContext {
    this.#context ??= toApi(this.native.context)
    return this.#context
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.#isOpen('setAttribute') && isKey(key)) this.native.setAttribute(key, value)
    return this
  }

  setAttributes(attributes: ApiAttributes): this {
    if (this.#isOpen('setAttributes')) this.native.setAttributes(ownOf(attributes))
    return this
  }

  addEvent(name: string, attributesOrTime?: ApiAttributes | TimeInput, time?: TimeInput): this {
    if (!this.#isOpen('addEvent')) return this
    const isTimeFirst = isTime(attributesOrTime)
    const timeMs = readTime(isTimeFirst ? attributesOrTime : time, this.#tools.clock)
    const attributes = isTimeFirst ? {} : ownOf(attributesOrTime)
    this.native.addEvent(String(name), timeMs ?? this.#tools.clock.now(), attributes)
    return this
  }

  addLink(link: Link): this {
    if (!this.#isOpen('addLink')) return this
    const context = fromApi(link?.context)
    if (context !== undefined) this.native.addLink(context, ownOf(link.attributes))
    return this
  }

  addLinks(links: Link[]): this {
    for (const link of links ?? []) this.addLink(link)
    return this
  }

  /** "Ok" is final, as the specification has it. */
  setStatus(status: SpanStatus): this {
    if (!this.#isOpen('setStatus')) return this
    const { native } = this
    if (status?.code === API_STATUS_OK) native.setOk()
    else if (status?.code === API_STATUS_ERROR && native.statusCode !== STATUS_OK) {
      native.setError(typeof status.message === 'string' ? status.message : '')
    }
    return this
  }

  updateName(name: string): this {
    if (this.#isOpen('updateName')) this.native.rename(String(name))
    return this
  }

  end(endTime?: TimeInput): void {
    if (!this.#isOpen('end')) return
    const { clock, guard, warn } = this.#tools
    if (!this.#isOwn) {
      warn(`the span ${this.native.name} is ended by who started it`)
      return
    }
    guard.run('ending a span', () => this.native.end(readTime(endTime, clock) ?? clock.now()))
  }

  isRecording(): boolean {
    return this.native.isRecording && !this.native.isEnded
  }

  recordException(exception: Exception, time?: TimeInput): void {
    if (!this.#isOpen('recordException')) return
    const { clock } = this.#tools
    this.native.addEvent('exception', readTime(time, clock) ?? clock.now(), describe(exception))
  }

  #isOpen(method: string): boolean {
    const { native } = this
    if (native.isEnded) this.#tools.warn(`${method} on the ended span ${native.name}`)
    return native.isRecording && !native.isEnded
  }
}

/** A span of another process, or none: only its context is known. */
export class BareSpan implements Span {
  readonly #context: ApiSpanContext

  constructor(context: ApiSpanContext) {
    this.#context = context
  }

  spanContext(): ApiSpanContext {
    return this.#context
  }

  setAttribute(): this {
    return this
  }

  setAttributes(): this {
    return this
  }

  addEvent(): this {
    return this
  }

  addLink(): this {
    return this
  }

  addLinks(): this {
    return this
  }

  setStatus(): this {
    return this
  }

  updateName(): this {
    return this
  }

  end(): void {}

  isRecording(): boolean {
    return false
  }

  recordException(): void {}
}

const isKey = (key: unknown): key is string => typeof key === 'string' && key !== ''

/** Own properties with a name; what their values may be, the span decides. */
export function ownOf(attributes: unknown): Attributes {
  if (typeof attributes !== 'object' || attributes === null) return {}
  const own = { ...attributes } as Attributes
  delete own['']
  return own
}

function describe(exception: unknown): Attributes {
  if (typeof exception !== 'object' || exception === null) {
    return { [ATTR_EXCEPTION_MESSAGE]: String(exception) }
  }
  const { code, name, message, stack } = exception as Readonly<Record<string, unknown>>
  return {
    [ATTR_EXCEPTION_TYPE]: textOf(code) ?? textOf(name),
    [ATTR_EXCEPTION_MESSAGE]: textOf(message),
    [ATTR_EXCEPTION_STACKTRACE]: textOf(stack),
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? value : undefined
