// @elastic/transport, which @elastic/elasticsearch and others of Elastic's clients send by. Newer ones make spans of their own by
// OpenTelemetry's API, with names that have been replaced since; they are asked not to. The requests beneath have spans: they
// show which were tried again, and carry the context.
// https://opentelemetry.io/docs/specs/semconv/db/elasticsearch/
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '../../semconv.ts'
import type { LibraryTools } from '../contract.ts'
import { type Fields, fieldsOf, textOf } from '../fields.ts'
import type { TracedCall } from '../traced-call.ts'
import { openStoreCall, runStoreCall, type StoreFailure } from './store-call.ts'

export function wrapElastic(tools: LibraryTools, { exports }: LoadedModule): void {
  const Transport = fieldsOf(exports).default as { prototype?: unknown } | undefined
  wrapMethod(Transport?.prototype, 'request', request => createRequest(tools, request))
}

function createRequest(tools: LibraryTools, request: AnyFunction): AnyFunction {
  return function tracedRequest(this: unknown, ...args: unknown[]): unknown {
    const call = tools.guard.run('a request of elasticsearch', () => {
      const opened = openRequest(tools, fieldsOf(args[0]))
      if (opened === undefined) return undefined
      const options = fieldsOf(args[1])
      const openTelemetry = { ...fieldsOf(options.openTelemetry), enabled: false }
      args[1] = { ...options, openTelemetry }
      return opened
    })
    const work = (): unknown => Reflect.apply(request, this, args)
    if (call === undefined) return work()
    setServer(tools, call, fieldsOf(this))
    return runStoreCall(tools, call, work, readElasticFailure)
  }
}

function openRequest(tools: LibraryTools, params: Fields): TracedCall | undefined {
  if (tools.tracer.active() === undefined) return undefined
  const { name, pathParts } = fieldsOf(params.meta)
  const method = typeof params.method === 'string' ? params.method : 'GET'
  const { index } = fieldsOf(pathParts)
  const call = openStoreCall(tools, {
    system: 'elasticsearch',
    // Requests that the function writes itself have no name.
    operation: typeof name === 'string' ? name : method,
    collection: Array.isArray(index) ? index.join(',') : textOf({ index }, 'index'),
  })
  call?.span.setAttribute(ATTR_HTTP_REQUEST_METHOD, method)
  return call
}

/** Of one node; of several, the requests beneath tell which it was. */
function setServer(tools: LibraryTools, call: TracedCall, transport: Fields): void {
  tools.guard.run('a node of elasticsearch', () => {
    const { connections } = fieldsOf(transport.connectionPool)
    if (!Array.isArray(connections) || connections.length !== 1) return
    const { url } = fieldsOf(connections[0])
    if (!(url instanceof URL)) return
    call.span.setAttribute(ATTR_SERVER_ADDRESS, url.hostname)
    const standard = url.protocol === 'https:' ? 443 : 80
    call.span.setAttribute(ATTR_SERVER_PORT, url.port === '' ? standard : Number(url.port))
  })
}

/** The status, and the server's word for it: what it goes on to say may hold values. */
function readElasticFailure(error: unknown): StoreFailure {
  const { statusCode, body } = fieldsOf(fieldsOf(error).meta)
  const { error: told } = fieldsOf(body)
  const type = textOf(fieldsOf(told), 'type')
  return {
    status: typeof statusCode === 'number' && statusCode > 0 ? String(statusCode) : undefined,
    message: type,
  }
}
