// What ioredis and node-redis have in common: how a command stands on its span, and what an error's reply says.
// https://opentelemetry.io/docs/specs/semconv/db/redis/
import type { ChannelListener, LibraryTools } from '../contract.ts'
import { listenToCalls, type TracedCall } from '../traced-call.ts'
import { closeStoreCall, enclosingStart, openStoreCall, type StoreFailure } from './store-call.ts'

export const REDIS = 'redis'

/** Arguments that are shown, of which there may be thousands. */
const MAX_ARGUMENTS = 32
/** Characters of an argument that are shown when they are asked for. */
const MAX_ARGUMENT_LENGTH = 256

export interface RedisServer {
  /** Number of the database. */
  readonly database?: unknown
  readonly address?: unknown
  readonly port?: unknown
}

export interface RedisOperation extends RedisServer {
  readonly name: string
  readonly args?: readonly unknown[]
  readonly batchSize?: number
}

/** Sent by a library itself when a connection is made. */
export const HANDSHAKE: ReadonlySet<string> = new Set([
  'auth',
  'client',
  'hello',
  'info',
  'readonly',
  'select',
])

const CONNECT = 'CONNECT'

/** `undefined` outside of an invocation, and for what another call of Redis sends. */
export function openRedisCall(
  tools: LibraryTools,
  operation: RedisOperation,
): TracedCall | undefined {
  const active = tools.tracer.active()
  if (active === undefined) return undefined
  const { name } = operation
  const within = enclosingStart(tools)
  if (within?.system !== REDIS || name === CONNECT) return openOperation(tools, operation)
  if (within.operation !== CONNECT || HANDSHAKE.has(name.toLowerCase())) return undefined
  // It waited for the connection, and is no part of its making.
  const outer = active.call?.outer ?? active
  return tools.tracer.run(outer, () => openOperation(tools, operation))
}

function openOperation(
  tools: LibraryTools,
  { name, args, database, address, port, batchSize }: RedisOperation,
): TracedCall | undefined {
  const operation = name.toUpperCase()
  return openStoreCall(tools, {
    system: REDIS,
    operation,
    namespace: typeof database === 'number' ? String(database) : undefined,
    address: typeof address === 'string' ? address : undefined,
    port: typeof port === 'number' ? port : undefined,
    text: args && commandText(tools, operation, args),
    batchSize,
  })
}

/** As one would type it, with a `?` for each argument. */
export function commandText(
  { settings }: LibraryTools,
  name: string,
  args: readonly unknown[],
): string | undefined {
  const mode = settings.dbQueryText
  if (mode === 'off') return undefined
  const shown = args.slice(0, MAX_ARGUMENTS)
  const words = mode === 'raw' ? shown.map(textOf) : shown.map(() => '?')
  return [name, ...words, ...(args.length > MAX_ARGUMENTS ? ['…'] : [])].join(' ')
}

function textOf(argument: unknown): string {
  const text = Buffer.isBuffer(argument) ? argument.toString('latin1') : String(argument)
  return text.slice(0, MAX_ARGUMENT_LENGTH)
}

/** `WRONGTYPE Operation against a key …`: a reply begins with its code. Some repeat arguments. */
export function readRedisFailure(error: unknown): StoreFailure {
  if (!(error instanceof Error)) return {}
  const [, status] = /^([A-Z][A-Z0-9_]*) /.exec(error.message) ?? []
  return { status, message: error.message.replace(/,? with args beginning with:.*$/s, '') }
}

export const closeRedisCall = (tools: LibraryTools, call: TracedCall, error?: unknown): void =>
  closeStoreCall(tools, call, error, readRedisFailure)

/** What fails in a transaction or a pipeline is told among its results, and need not reject it. */
export const findFailure = (results: unknown): unknown =>
  Array.isArray(results) ? results.flat(2).find(result => result instanceof Error) : undefined

/** What both libraries publish, with the same names. */
export interface RedisMessage {
  readonly command?: unknown
  readonly args?: readonly unknown[]
  readonly database?: unknown
  readonly serverAddress?: unknown
  readonly serverPort?: unknown
  /** `MULTI` or `PIPELINE`: of a batch, and of commands that are part of one. */
  readonly batchMode?: unknown
  readonly batchSize?: unknown
}

/** A channel of theirs; `read` answers what the message tells of, or `undefined` where that is no operation. */
export function listenToRedis(
  tools: LibraryTools,
  channel: string,
  read: (message: RedisMessage) => Omit<RedisOperation, keyof RedisServer> | undefined,
): ChannelListener {
  return listenToCalls<RedisMessage>(tools, {
    channel,
    open(message) {
      const operation = read(message)
      const { database, serverAddress: address, serverPort: port } = message
      return operation && openRedisCall(tools, { ...operation, database, address, port })
    },
    close(call, { error, result, batchMode }) {
      closeRedisCall(tools, call, error ?? (batchMode && findFailure(result)))
    },
  })
}

export const readBatch = ({
  batchMode,
  batchSize,
}: RedisMessage): Pick<RedisOperation, 'name' | 'batchSize'> => ({
  name: String(batchMode),
  batchSize: Number(batchSize),
})

export const readConnect = (): Pick<RedisOperation, 'name'> => ({ name: CONNECT })
