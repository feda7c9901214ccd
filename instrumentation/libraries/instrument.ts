// Turns on the libraries that are wanted: channels at once, module hooks where there are modules. What a library needs is
// loaded when its first module has run, when its channel first speaks or, for the AWS SDK in a bundle, with the first
// request to AWS.
import type { Log, TraceContextSource } from '../../runtime/contract.ts'
import type { HeaderCapture } from '../captured-headers.ts'
import type { Chunks, LoadChunk } from '../chunks.ts'
import type { Guard } from '../guard.ts'
import type { Subscribe } from '../hooks/channels.ts'
import { receiveModules } from '../hooks/loaded-modules.ts'
import { type SearchPaths, whenModulesLoad } from '../hooks/when-modules-load.ts'
import type { Propagation } from '../propagation/propagation.ts'
import type { Tracer } from '../trace/tracer.ts'
import type { Injection } from './aws-sdk/message-carrier.ts'
import { checkBundle } from './bundle-check.ts'
import { CHANNELS } from './channel-table.ts'
import type { LibrarySettings, LibraryTools } from './contract.ts'
import type { HttpListener, HttpTools } from './http-span.ts'
import { listen } from './listen.ts'
import { GLOBALS, offerGlobals } from './offered-globals.ts'
import { nameSpansInPino } from './pino.ts'
import { isSelected, type Selection } from './selection.ts'

export interface InstrumentOptions {
  readonly tracer: Tracer
  readonly guard: Guard
  readonly subscribe: Subscribe
  readonly source: TraceContextSource
  readonly instrumentations: Selection
  readonly injection: Injection
  /** Formats of what is put into calls. */
  readonly propagation: Propagation
  /** Headers that are to stand on spans; none where absent. */
  readonly captureHeaders: HeaderCapture | undefined
  readonly modules: SearchPaths
  /** One line in the log where a bundle holds what nothing sees. */
  readonly checksBundle: boolean
  readonly log: Log
  /** Which of the lines that loggers write name the active span. */
  readonly logTraceIds: 'json' | 'all' | 'none'
  /** Published instrumentations that the user has loaded. */
  readonly replaced: readonly string[]
  readonly loadChunk: LoadChunk
  /** Told of each file that the hook on modules is asked to read. */
  readonly read: (url: string) => void
  readonly settings: LibrarySettings
}

type HookedModules = ReturnType<Chunks['hooked-modules']['createHookedModules']>

const AWS_SDK = 'aws-sdk'
/** Where a client tells of a request that begins, by what the switches call it. */
const HTTP_CHANNELS = {
  http: 'http.client.request.created',
  http2: 'http2.client.stream.created',
  undici: 'undici:request:create',
} as const
const HTTP_CLIENTS = Object.keys(HTTP_CHANNELS) as (keyof typeof HTTP_CHANNELS)[]

/** Answers what is to be done once there is time for it, after the first answer. */
export function instrument(options: InstrumentOptions): (() => void) | undefined {
  const { tracer, guard, subscribe, instrumentations, injection, propagation, source } = options
  const { loadChunk, logTraceIds } = options
  // Two for one library would make two spans of each call.
  const isOn = (library: string): boolean =>
    isSelected(instrumentations, library) &&
    !options.replaced.includes(`@opentelemetry/instrumentation-${library}`)
  const hiddenHttp2: string[] = []

  const http: HttpTools = {
    tracer,
    propagation,
    capture: options.captureHeaders?.client,
    readAwsRequest: isOn(AWS_SDK)
      ? (target, headers) =>
          guard.run('reading an AWS request', () =>
            loadChunk(AWS_SDK).readAwsRequest(target, headers),
          )
      : undefined,
  }
  for (const client of HTTP_CLIENTS.filter(isOn)) {
    let begins: HttpListener | undefined
    subscribe(HTTP_CHANNELS[client], message => {
      begins ??= loadChunk('http-clients')[client](http, subscribe, hiddenHttp2)
      begins(message)
    })
  }
  if (logTraceIds !== 'none') nameSpansInPino(subscribe, source.ids)

  const tools: LibraryTools = {
    tracer,
    guard,
    subscribe,
    propagation,
    injection,
    xrayTraceId: source.xrayTraceId,
    stopListening: name => stopListening(name),
    hideHttp2: contentType => void hiddenHttp2.push(contentType),
    findOwnServer(find) {
      http.findOwnServer = find
    },
    settings: options.settings,
  }
  const rows = CHANNELS.filter(({ library }) => isOn(library))
  const stopListening = listen({ rows, tools, loadChunk })
  offerGlobals({ rows: GLOBALS.filter(({ library }) => isOn(library)), tools, loadChunk })
  let hooks: HookedModules | undefined
  const hookedModules = (): HookedModules => {
    const { createHookedModules } = loadChunk('hooked-modules')
    const given = { tools, isOn, ids: source.ids, logTraceIds, loadChunk, read: options.read }
    hooks ??= createHookedModules(given)
    return hooks
  }
  receiveModules((...module) => hookedModules().receive(...module))
  whenModulesLoad(subscribe, options.modules, load => hookedModules().install(load))
  if (!options.checksBundle) return undefined
  const { modules, log } = options
  return () => checkBundle({ modules, log, findUnseen: path => hookedModules().findUnseen(path) })
}
