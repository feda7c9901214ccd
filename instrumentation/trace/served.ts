// What a web framework in the function tells of the invocation that it serves: one object an invocation, which every
// context under it shares.

export interface Served {
  /** The template of the route that the framework matched, as the framework writes it. */
  route: string | undefined
  /** Of the request; absent where it is none. */
  readonly path: string | undefined
  /** Spans of middleware and handlers asked for so far. */
  steps: number
}
