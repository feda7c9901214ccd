// The span of one call of a store: its attributes by the conventions for databases, and how the store says that it failed.
// https://opentelemetry.io/docs/specs/semconv/db/database-spans/
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_BATCH_SIZE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import type { LibraryTools } from '../contract.ts'
import { closingCallback, failSpan, openCall, type TracedCall } from '../traced-call.ts'

export interface StoreStart {
  /** `db.system.name`. */
  readonly system: string
  readonly operation: string
  /** Of the operation: who learns more of it says so, once. */
  isGuess?: boolean
  readonly collection?: string | undefined
  readonly namespace?: string | undefined
  readonly address?: string | undefined
  readonly port?: number | undefined
  readonly text?: string | undefined
  /** Operations sent as one. */
  readonly batchSize?: number | undefined
}

/** What a store's error tells: its own code, and a message without values. */
export interface StoreFailure {
  readonly status?: string | undefined
  readonly message?: string | undefined
}

export type ReadFailure = (error: unknown) => StoreFailure

export const nameOfCall = (operation: string, collection: string | undefined): string =>
  collection === undefined ? operation : `${operation} ${collection}`

/** `undefined` outside of an invocation. */
export function openStoreCall(tools: LibraryTools, start: StoreStart): TracedCall | undefined {
  const { operation, collection, batchSize = 0 } = start
  return openCall(tools, {
    name: nameOfCall(operation, collection),
    kind: SPAN_KIND_CLIENT,
    attributes: {
      [ATTR_DB_SYSTEM_NAME]: start.system,
      [ATTR_DB_NAMESPACE]: start.namespace,
      [ATTR_DB_COLLECTION_NAME]: collection,
      [ATTR_DB_OPERATION_NAME]: operation,
      // One operation is no batch.
      [ATTR_DB_OPERATION_BATCH_SIZE]: batchSize > 1 ? batchSize : undefined,
      [ATTR_DB_QUERY_TEXT]: start.text,
      [ATTR_SERVER_ADDRESS]: start.address,
      [ATTR_SERVER_PORT]: start.port,
    },
    hidesRequests: true,
    detail: start,
  })
}

/** How the call of a store that is under way here was started: what the library does for it is part of it. */
export function enclosingStart({ tracer }: LibraryTools): StoreStart | undefined {
  const detail = tracer.active()?.call?.detail
  return typeof detail === 'object' && detail !== null && 'system' in detail
    ? (detail as StoreStart)
    : undefined
}

/** Ends it, as failed where there is an error. What comes later has no effect. */
export function closeStoreCall(
  { tracer }: LibraryTools,
  { span }: TracedCall,
  error?: unknown,
  read?: ReadFailure,
): void {
  if (error !== undefined && error !== null) {
    const { status, message } = read?.(error) ?? {}
    failSpan(span, error)
    if (message !== undefined) span.setError(message)
    if (status !== undefined) {
      span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, status)
      span.setAttribute(ATTR_ERROR_TYPE, status)
    }
  }
  span.end(tracer.clock.now())
}

/**
 * Runs the library's function in the call's context; its promise, with the end chained to it, is the answer. What it is
 * fulfilled with may tell of a failure.
 */
export function runStoreCall(
  tools: LibraryTools,
  call: TracedCall,
  work: () => unknown,
  read: ReadFailure,
  findFailure?: (answer: unknown) => unknown,
): unknown {
  const close = (error?: unknown): void =>
    void tools.guard.run('the end of a call', () => closeStoreCall(tools, call, error, read))
  try {
    const result = tools.tracer.run(call.inner, work)
    if (!(result instanceof Promise)) {
      close()
      return result
    }
    return result.then(
      value => {
        close(findFailure?.(value))
        return value
      },
      error => {
        close(error ?? new Error('rejected with nothing'))
        throw error
      },
    )
  } catch (error) {
    close(error ?? new Error('threw nothing'))
    throw error
  }
}

/** The function's callback: it ends the call, and goes on where the function called. */
export const closeByCallback = (
  tools: LibraryTools,
  call: TracedCall,
  callback: (...results: readonly unknown[]) => unknown,
  read?: ReadFailure,
): ((...results: readonly unknown[]) => unknown) =>
  closingCallback(tools, call, callback, error => closeStoreCall(tools, call, error, read))
