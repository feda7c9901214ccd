// The Model Context Protocol's SDK: requests that a client or a server sends, and those that either answers. The context travels in
// `_meta`, whatever the transport.
// https://opentelemetry.io/docs/specs/semconv/gen-ai/mcp/
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import type { Carrier } from '../../propagation/carrier.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_PROMPT_NAME,
  ATTR_GEN_AI_TOOL_NAME,
  ATTR_JSONRPC_REQUEST_ID,
  ATTR_MCP_METHOD_NAME,
  ATTR_MCP_RESOURCE_URI,
  ATTR_MCP_SESSION_ID,
  ATTR_RPC_RESPONSE_STATUS_CODE,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import { SPAN_KIND_CLIENT, SPAN_KIND_SERVER } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { childOf, type Fields, fieldsOf, textOf } from '../fields.ts'
import { redactUrl } from '../redact-url.ts'
import { openCall, type TracedCall } from '../traced-call.ts'
import { closeModelCall, describeServer, runModelCall } from './model-call.ts'

/** Hooks `Protocol`, which clients and servers are made of. */
export function wrapMcp(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = Reflect.get(Object(exports), 'Protocol') as { readonly prototype?: unknown }
  wrapMethod(prototype, 'request', request => createRequest(tools, request))
  wrapMethod(prototype, 'setRequestHandler', set => createSet(tools, set))
}

function createRequest(tools: LibraryTools, request: AnyFunction): AnyFunction {
  return function tracedRequest(this: unknown, ...args: unknown[]): unknown {
    const given = fieldsOf(args[0])
    const call = tools.guard.run('a request of MCP', () => {
      const { _transport, _requestMessageId: id } = fieldsOf(this)
      const { sessionId, _url: url } = fieldsOf(_transport)
      const { name, attributes } = describe(given, id, sessionId)
      const server = url instanceof URL ? url : undefined
      const opened = openCall(tools, {
        name,
        attributes: { ...attributes, ...describeServer(server) },
        kind: SPAN_KIND_CLIENT,
      })
      if (opened !== undefined) args[0] = withContext(tools, opened, given)
      return opened
    })
    return runRequest(tools, call, () => Reflect.apply(request, this, args))
  }
}

function runRequest(
  tools: LibraryTools,
  call: TracedCall | undefined,
  work: () => unknown,
): unknown {
  if (call === undefined) return work()
  const { span } = call
  const close = (error?: unknown): void => {
    const { code } = fieldsOf(error)
    if (typeof code === 'number') span.setAttribute(ATTR_RPC_RESPONSE_STATUS_CODE, String(code))
    closeModelCall(tools, { ...call, isPart: false }, error)
  }
  return runModelCall(tools, call, close, work, answer => {
    // A tool that fails answers all the same.
    if (fieldsOf(answer).isError !== true) return
    span.setAttribute(ATTR_ERROR_TYPE, 'tool_error')
    span.setError('')
  })
}

function withContext(tools: LibraryTools, { inner }: TracedCall, request: Fields): Fields {
  if (tools.injection !== 'messages' && tools.injection !== 'payloads') return request
  const params = childOf(request, 'params')
  const meta = childOf(params, '_meta')
  const added: Record<string, string> = {}
  tools.propagation.inject(
    inner,
    (name, value) => {
      added[name] = value
    },
    name => meta[name] !== undefined,
  )
  if (Object.keys(added).length === 0) return request
  return { ...request, params: { ...params, _meta: { ...meta, ...added } } }
}

function createSet(tools: LibraryTools, set: AnyFunction): AnyFunction {
  return function tracedSet(this: unknown, ...args: unknown[]): unknown {
    const [, handler] = args
    if (typeof handler === 'function') args[1] = createHandler(tools, handler)
    return Reflect.apply(set, this, args)
  }
}

function createHandler(tools: LibraryTools, handler: AnyFunction): AnyFunction {
  return function tracedHandler(this: unknown, ...args: unknown[]): unknown {
    const work = (): unknown => Reflect.apply(handler, this, args)
    const call = tools.guard.run('a request of MCP', () =>
      openServer(tools, fieldsOf(args[0]), fieldsOf(args[1])),
    )
    return runRequest(tools, call, work)
  }
}

/** Below the request that it answers, with a link to the span beneath which it came. */
function openServer(tools: LibraryTools, request: Fields, extra: Fields): TracedCall | undefined {
  const { tracer, propagation } = tools
  const outer = tracer.active()
  if (outer === undefined) return undefined
  const meta = childOf(childOf(request, 'params'), '_meta')
  const carrier: Carrier = name => textOf(meta, name)
  const caller = propagation.extract(carrier)
  const span = tracer.startSpan({
    ...describe(request, extra.requestId, extra.sessionId),
    kind: SPAN_KIND_SERVER,
    parent: caller?.spanContext ?? outer.spanContext,
    hasRemoteParent: caller !== undefined,
  })
  if (caller !== undefined) span.addLink(outer.spanContext)
  const baggage = caller?.baggage ?? outer.baggage
  return { span, outer, inner: { ...outer, spanContext: span.context, span, baggage } }
}

function describe(
  request: Fields,
  id: unknown,
  sessionId: unknown,
): { name: string; attributes: Attributes } {
  const method = String(request.method)
  const params = childOf(request, 'params')
  const isTool = method === 'tools/call'
  const isPrompt = method === 'prompts/get'
  const target = isTool || isPrompt ? textOf(params, 'name') : undefined
  const uri = textOf(params, 'uri')
  return {
    name: target === undefined ? method : `${method} ${target}`,
    attributes: {
      [ATTR_MCP_METHOD_NAME]: method,
      [ATTR_MCP_SESSION_ID]: typeof sessionId === 'string' ? sessionId : undefined,
      [ATTR_JSONRPC_REQUEST_ID]: id === undefined ? undefined : String(id),
      [ATTR_MCP_RESOURCE_URI]: uri && redactUrl(uri),
      [ATTR_GEN_AI_OPERATION_NAME]: isTool ? 'execute_tool' : undefined,
      [isTool ? ATTR_GEN_AI_TOOL_NAME : ATTR_GEN_AI_PROMPT_NAME]: target,
    },
  }
}
