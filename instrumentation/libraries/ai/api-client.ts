// OpenAI's and Anthropic's clients, which are made alike: every call, of whichever resource and with all its retries, is one
// `makeRequest`, and what comes of it is parsed when somebody asks for it. The promises and streams that the function has are the
// library's own: of these nothing is replaced.
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, replaceExport, wrapMethod } from '../../hooks/wrap.ts'
import type { LibraryTools } from '../contract.ts'
import { type Fields, fieldsOf, textOf } from '../fields.ts'
import {
  closeModelCall,
  describeAnswer,
  type ModelAnswer,
  type ModelCall,
  type ModelStart,
  openModelCall,
} from './model-call.ts'
import { define, followParts } from './model-stream.ts'

/** What one of the two services is asked, and answers. */
export interface Service {
  /** The class, as its module exports it. */
  readonly client: string
  /** `undefined` for what is no call of a model. */
  readonly describe: (path: string, body: Fields) => ModelStart | undefined
  /** Of a whole answer, and of one part of a stream. */
  readonly read: (answer: Fields) => ModelAnswer | undefined
}

interface OpenRequest {
  readonly call: ModelCall
  readonly service: Service
  isRead: boolean
}

export interface ClientWraps {
  wrapClient(loaded: LoadedModule): void
  wrapParse(loaded: LoadedModule): void
}

export function createClientWraps(tools: LibraryTools, service: Service): ClientWraps {
  // By what `makeRequest` answers, which is what is parsed.
  const requests = new WeakMap<object, OpenRequest>()
  return {
    wrapClient({ exports }) {
      const { prototype } = Reflect.get(Object(exports), service.client) as { prototype?: object }
      wrapMethod(prototype, 'makeRequest', make => createMake(tools, service, requests, make))
      // Since OpenAI's 7: what sends the request again when its body does not come in time.
      wrapMethod(prototype, 'parseResponseWithTimeout', parse =>
        createParse(tools, requests, parse),
      )
    },
    wrapParse(loaded) {
      replaceExport(loaded, 'defaultParseResponse', parse =>
        createParse(tools, requests, parse as AnyFunction),
      )
    },
  }
}

function createMake(
  tools: LibraryTools,
  service: Service,
  requests: WeakMap<object, OpenRequest>,
  make: AnyFunction,
): AnyFunction {
  return function tracedRequest(this: unknown, ...args: unknown[]): unknown {
    const [given, , retryOf] = args
    // A retry is part of the call.
    if (retryOf !== undefined || tools.tracer.active() === undefined) {
      return Reflect.apply(make, this, args)
    }
    let request: OpenRequest | undefined
    const answer = Promise.resolve(given).then(options => {
      args[0] = options
      const work = (): unknown => Reflect.apply(make, this, args)
      const call = tools.guard.run('a call of a model', () => open(tools, service, this, options))
      if (call === undefined) return work()
      request = { call, service, isRead: false }
      return follow(tools, requests, request, work)
    })
    // The library has it parsed by the same `then` that gives the response as it came to those who ask for that.
    const { then } = answer
    define(answer, 'then', (...listeners) => {
      const result: unknown = Reflect.apply(then, answer, listeners)
      const closeUnread = (): void => {
        if (request?.isRead === false) setImmediate(closeIfUnread, tools, request)
      }
      Reflect.apply(then, answer, [closeUnread, () => {}])
      return result
    })
    return answer
  }
}

function closeIfUnread(tools: LibraryTools, { call, isRead }: OpenRequest): void {
  if (!isRead) closeModelCall(tools, call)
}

function open(
  tools: LibraryTools,
  service: Service,
  client: unknown,
  options: unknown,
): ModelCall | undefined {
  const { method, path, body } = fieldsOf(options)
  const start = method === 'post' ? service.describe(String(path), fieldsOf(body)) : undefined
  return start && openModelCall(tools, { ...start, url: textOf(fieldsOf(client), 'baseURL') })
}

async function follow(
  tools: LibraryTools,
  requests: WeakMap<object, OpenRequest>,
  request: OpenRequest,
  work: () => unknown,
): Promise<unknown> {
  const { call } = request
  try {
    const answer = await tools.tracer.run(call.inner, work)
    if (typeof answer === 'object' && answer !== null) requests.set(answer, request)
    return answer
  } catch (error) {
    closeModelCall(tools, call, error ?? new Error('rejected with nothing'))
    throw error
  }
}

function createParse(
  tools: LibraryTools,
  requests: WeakMap<object, OpenRequest>,
  parse: AnyFunction,
): AnyFunction {
  return async function parseTraced(this: unknown, ...args: unknown[]): Promise<unknown> {
    const request = requests.get(args[1] as object)
    if (request === undefined || request.isRead || request.call.span.isEnded)
      return Reflect.apply(parse, this, args)
    const { call, service } = request
    request.isRead = true
    try {
      const answer = await tools.tracer.run(call.inner, () => Reflect.apply(parse, this, args))
      const isStream = tools.guard.run('an answer of a model', () => {
        if (followStream(tools, call, service, answer)) return true
        describeAnswer(tools, call, service.read(fieldsOf(answer)) ?? {})
        return false
      })
      if (!isStream) closeModelCall(tools, call)
      return answer
    } catch (error) {
      closeModelCall(tools, call, error ?? new Error('rejected with nothing'))
      throw error
    }
  }
}

/** The library's streams make their iterators by a function that is theirs: copies by `tee` are made of these too. */
function followStream(
  tools: LibraryTools,
  call: ModelCall,
  service: Service,
  answer: unknown,
): boolean {
  const stream = answer as { iterator?: unknown; controller?: { signal?: AbortSignal } } | null
  const make = stream?.iterator
  if (stream === null || stream === undefined || typeof make !== 'function') return false
  stream.iterator = function (this: unknown, ...args: unknown[]): unknown {
    const iterator: unknown = Reflect.apply(make, this, args)
    const read = (part: unknown): ModelAnswer | undefined => service.read(fieldsOf(part))
    tools.guard.run('a stream', () => followParts(tools, call, iterator, read))
    return iterator
  }
  // By the function, by a loop that is left, or by the library when a part does not come: that the reader is told of first.
  const onAbort = (): unknown => setImmediate(() => closeModelCall(tools, call))
  stream.controller?.signal?.addEventListener('abort', onAbort, { once: true })
  return true
}
