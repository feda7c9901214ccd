// Who made a span, as OTLP tells it: an instrumentation, or the function's own code.

export interface Scope {
  readonly name: string
  readonly version: string | undefined
}
