// gRPC's client: calls of all four kinds. The span ends with the call's status; its context goes into a copy of the metadata.
// https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
import type { LoadedModule } from '../../hooks/loaded-modules.ts'
import { type AnyFunction, wrapMethod } from '../../hooks/wrap.ts'
import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_RESPONSE_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { closingCallback, openCall, type TracedCall } from '../traced-call.ts'

const UNARY_ANSWERS = ['makeUnaryRequest', 'makeClientStreamRequest']
const STREAMED_ANSWERS = ['makeServerStreamRequest', 'makeBidiStreamRequest']
/** By these the four of them read their arguments. */
const READERS = ['checkOptionalUnaryResponseArguments', 'checkMetadataAndOptions']

/** https://grpc.io/docs/guides/status-codes/ */
const STATUSES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** What a call's arguments are read as. */
interface CallArguments {
  metadata: Metadata
  callback?: unknown
}

interface Metadata {
  clone(): Metadata
  get(name: string): readonly unknown[]
  set(name: string, value: string): void
}

interface ClientCall {
  once(event: 'status', listener: (status: Status) => void): void
}

interface Status {
  readonly code?: unknown
  readonly details?: unknown
}

export function wrapGrpcClient(tools: LibraryTools, { exports }: LoadedModule): void {
  const { prototype } = fieldsOf(exports).Client as { readonly prototype?: unknown }
  // A call reads its arguments before it does anything else.
  let opened: TracedCall | undefined
  const open = (isStreamed: boolean) => (make: AnyFunction) =>
    function tracedRequest(this: unknown, ...args: unknown[]): unknown {
      const call = tools.guard.run('a call of gRPC', () => openRequest(tools, this, args[0]))
      if (call === undefined) return Reflect.apply(make, this, args)
      const before = opened
      opened = call
      try {
        const made: unknown = tools.tracer.run(call.inner, () => Reflect.apply(make, this, args))
        tools.guard.run('a call of gRPC', () => follow(tools, call, made as ClientCall, isStreamed))
        return made
      } catch (error) {
        tools.guard.run('a call of gRPC', () => close(tools, call, { code: 13, details: error }))
        throw error
      } finally {
        opened = before
      }
    }
  const isHooked = [
    ...UNARY_ANSWERS.map(name => wrapMethod(prototype, name, open(false))),
    ...STREAMED_ANSWERS.map(name => wrapMethod(prototype, name, open(true))),
  ].every(Boolean)
  if (isHooked) tools.hideHttp2('application/grpc')
  const take = (): TracedCall | undefined => {
    const call = opened
    opened = undefined
    return call
  }
  for (const name of READERS) wrapMethod(prototype, name, read => createRead(tools, take, read))
}

function createRead(
  tools: LibraryTools,
  take: () => TracedCall | undefined,
  read: AnyFunction,
): AnyFunction {
  return function tracedRead(this: unknown, ...args: unknown[]): unknown {
    const call = take()
    const result: unknown = Reflect.apply(read, this, args)
    if (call === undefined) return result
    return tools.guard.run('a call of gRPC', () => prepare(tools, call, result)) ?? result
  }
}

function prepare(tools: LibraryTools, call: TracedCall, read: unknown): CallArguments {
  const given = read as CallArguments
  const metadata = given.metadata.clone()
  const { callback } = given
  tools.propagation.inject(
    call.inner,
    (name, value) => metadata.set(name, value),
    name => metadata.get(name).length > 0,
  )
  if (typeof callback !== 'function') return { ...given, metadata }
  const back = closingCallback(tools, call, callback as Callback, error =>
    close(tools, call, (error ?? OK) as Status),
  )
  return { ...given, metadata, callback: back }
}

type Callback = (...results: readonly unknown[]) => unknown

const OK: Status = { code: 0 }

/** Streams end by their status, and what they tell goes on where the function made the call. */
function follow(
  tools: LibraryTools,
  call: TracedCall,
  made: ClientCall,
  isStreamed: boolean,
): void {
  made.once('status', status =>
    tools.guard.run('a status of gRPC', () => close(tools, call, status)),
  )
  if (!isStreamed) return
  wrapMethod(
    made,
    'emit',
    emit =>
      function tracedEmit(this: unknown, ...args: unknown[]): unknown {
        return tools.tracer.run(call.outer, () => Reflect.apply(emit, this, args))
      },
  )
}

function openRequest(tools: LibraryTools, client: unknown, path: unknown): TracedCall | undefined {
  if (tools.tracer.active() === undefined || typeof path !== 'string') return undefined
  const method = path.replace(/^\//, '')
  const call = openCall(tools, {
    name: method,
    kind: SPAN_KIND_CLIENT,
    attributes: { [ATTR_RPC_SYSTEM_NAME]: 'grpc', [ATTR_RPC_METHOD]: method },
    hidesRequests: true,
  })
  const target = (client as { getChannel(): { getTarget(): string } }).getChannel().getTarget()
  const [, path_, host, port] = TARGET.exec(target) ?? []
  call?.span.setAttribute(ATTR_SERVER_ADDRESS, path_ ?? host)
  if (port !== undefined) call?.span.setAttribute(ATTR_SERVER_PORT, Number(port))
  return call
}

/** `dns:host:port`, `dns://authority/host:port`, `ipv4:1.2.3.4:5`, `unix:/path`. */
const TARGET =
  /^(?:unix:(.*)|(?:[a-z][a-z0-9+.-]*:(?:\/\/[^/]*\/)?)?(\[[^\]]*\]|[^:]*)(?::(\d+))?)$/

function close(tools: LibraryTools, { span }: TracedCall, { code, details }: Status): void {
  const status = STATUSES[Number(code)] ?? String(code)
  span.setAttribute(ATTR_RPC_RESPONSE_STATUS_CODE, status)
  if (code !== 0) {
    span.setAttribute(ATTR_ERROR_TYPE, status)
    span.setError(typeof details === 'string' ? details : status)
  }
  span.end(tools.tracer.clock.now())
}
