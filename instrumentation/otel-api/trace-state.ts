// `tracestate` as an object of OpenTelemetry's API; the tracer itself carries the text.
import type { TraceState } from '@opentelemetry/api'
import { parseTracestate } from '../propagation/trace-context.ts'
import { readMember, setMember } from '../trace/trace-state.ts'

export class ApiTraceState implements TraceState {
  readonly #text: string | undefined

  constructor(text: string | undefined) {
    this.#text = text
  }

  get(key: string): string | undefined {
    return readMember(this.#text, key)
  }

  /** The same where the member would not be valid. */
  set(key: string, value: string): ApiTraceState {
    const text = setMember(this.#text, key, value)
    return text !== undefined && parseTracestate(text) === text ? new ApiTraceState(text) : this
  }

  unset(key: string): ApiTraceState {
    return new ApiTraceState(setMember(this.#text, key, undefined))
  }

  serialize(): string {
    return this.#text ?? ''
  }
}
