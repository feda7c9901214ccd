// What a library's code is given and gives: it stands in a bundle of its own, and is loaded when the library's first
// module has run or its first channel has spoken.
import type { TraceContextSource } from '../../runtime/contract.ts'
import type { Guard } from '../guard.ts'
import type { Subscribe } from '../hooks/channels.ts'
import type { Wrap } from '../hooks/module-hooks.ts'
import type { Propagation } from '../propagation/propagation.ts'
import type { ActiveContext, Tracer } from '../trace/tracer.ts'
import type { Injection } from './aws-sdk/message-carrier.ts'
import type { FindOwnServer } from './http-span.ts'

/** What the tracer lends to the code of a library. */
export interface LibraryTools {
  readonly tracer: Tracer
  readonly guard: Guard
  readonly subscribe: Subscribe
  readonly propagation: Propagation
  readonly injection: Injection
  /** X-Ray's header for a call made now, given the one the invocation came with. */
  readonly xrayTraceId: TraceContextSource['xrayTraceId']
  /** Ends the listening to a channel of the table: what its library would tell there is seen by a hook. */
  readonly stopListening: (channel: string) => void
  /** Requests by `node:http2` whose `content-type` begins so have no spans of their own from now on: their library's calls have. */
  readonly hideHttp2: (contentType: string) => void
  /** Says from now on which requests go to servers of the function's own. */
  readonly findOwnServer: (find: FindOwnServer) => void
  readonly settings: LibrarySettings
}

/** What is set for single libraries. */
export interface LibrarySettings {
  /** What of the text of what stores are asked stands on their spans: `sanitized` has a `?` for each value. */
  readonly dbQueryText: 'sanitized' | 'raw' | 'off'
  /** Spans of the middleware of web frameworks. */
  readonly middlewareSpans: boolean
  /** The document, without its literals, on the spans of GraphQL. */
  readonly graphqlDocument: boolean
  /** What models are asked, and what they answer, on their spans. */
  readonly capturesMessages: boolean
}

/**
 * Told of each message of a channel. Of a tracing channel these are the starts, and what it answers is the context
 * that the operation runs in; `undefined` leaves the one that is.
 */
export type ChannelListener = (message: object) => ActiveContext | undefined

/** What the bundle of a library, or of several, exports. */
export interface LibraryChunk {
  /** By the names under `wrap` of the table of hooked files. */
  createWraps?(tools: LibraryTools): Readonly<Record<string, Wrap>>
  /** By the names of channels in `channel-table.ts`; each is made once, with the first message. */
  createListeners?(tools: LibraryTools): Readonly<Record<string, () => ChannelListener>>
  /** By the names of globals in `offered-globals.ts`; each is made once, when it is asked for. */
  createGlobals?(tools: LibraryTools): Readonly<Record<string, () => unknown>>
}

/** A global that a library asks for, bundled or not, when somebody is to be told of what it does. */
export interface GlobalRow {
  readonly library: string
  readonly chunk: string
  readonly name: string
}

/** A channel that is listened to from the start: it is there in bundles as well, and costs nothing until it speaks. */
export interface ChannelRow {
  /** As the switches call it. */
  readonly library: string
  /** The bundle that has its code. */
  readonly chunk: string
  /** A tracing channel's name without `tracing:` and `:start`, or a plain channel's. */
  readonly channel: string
  readonly isPlain?: boolean
}
