// The span of one query: what it says of itself at its start, so that one which never ends is told of, and how it failed.
import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '../../semconv.ts'
import type { Attributes } from '../../trace/attributes.ts'
import type { Span } from '../../trace/span.ts'
import { SPAN_KIND_CLIENT } from '../../trace/span-kind.ts'
import { recordsUnder } from '../../trace/tracer.ts'
import type { LibraryTools } from '../contract.ts'
import { fieldsOf } from '../fields.ts'
import { closeCall, openCall, type TracedCall } from '../traced-call.ts'
import { type Dialect, readSql } from './read-sql.ts'

/** The database that is asked. */
export interface SqlTarget {
  readonly system:
    | 'postgresql'
    | 'mysql'
    | 'mariadb'
    | 'sqlite'
    | 'microsoft.sql_server'
    | (string & {})
  readonly namespace?: string | undefined
  readonly address?: string | undefined
  readonly port?: number | undefined
}

const attributesOf = ({ system, namespace, address, port }: SqlTarget): Attributes => ({
  [ATTR_DB_SYSTEM_NAME]: system,
  [ATTR_DB_NAMESPACE]: namespace === '' ? undefined : namespace,
  [ATTR_SERVER_ADDRESS]: address === '' ? undefined : address,
  // A socket in the file system has none.
  [ATTR_SERVER_PORT]: address?.startsWith('/') ? undefined : port,
})

/** Queries of libraries that call a driver: it has no span of its own below them, and says what it knows. */
const covering = new WeakSet<Span>()

/** As `openQuery`, for a library whose driver may be seen as well. */
export function openCovering(
  tools: LibraryTools,
  target: SqlTarget,
  text: string | undefined,
): TracedCall | undefined {
  const call = openQuery(tools, target, text, true)
  if (call !== undefined) covering.add(call.span)
  return call
}

/** `undefined` outside of an invocation. The text may be none where the library did not say. */
export function openQuery(
  tools: LibraryTools,
  target: SqlTarget,
  text: string | undefined,
  hidesRequests: boolean = false,
): TracedCall | undefined {
  const active = tools.tracer.active()
  if (active === undefined) return undefined
  if (active.span !== undefined && covering.has(active.span)) {
    active.span.fillAttributes(attributesOf(target))
    return undefined
  }
  // Callers still get a span to be the parent of what they do.
  if (!recordsUnder(active)) return openCall(tools, { name: target.system, kind: SPAN_KIND_CLIENT })
  const attributes = attributesOf(target)
  const name = describe(tools, target, text, attributes) || target.namespace || target.system
  return openCall(tools, { name, kind: SPAN_KIND_CLIENT, attributes, hidesRequests })
}

/** Another text than it was opened with: what the library made of what it was given. */
export function retellQuery(
  tools: LibraryTools,
  { span }: TracedCall,
  target: SqlTarget,
  text: string,
): void {
  const attributes: Attributes = {}
  span.rename(describe(tools, target, text, attributes) || span.name)
  span.setAttributes(attributes)
}

function describe(
  { settings: { dbQueryText } }: LibraryTools,
  { system }: SqlTarget,
  query: string | undefined,
  attributes: Attributes,
): string {
  if (query === undefined) return ''
  const { text, summary, operation, collection } = readSql(query, dialectOf(system))
  attributes[ATTR_DB_QUERY_SUMMARY] = summary === '' ? undefined : summary
  attributes[ATTR_DB_OPERATION_NAME] = operation
  attributes[ATTR_DB_COLLECTION_NAME] = collection
  if (dbQueryText !== 'off') attributes[ATTR_DB_QUERY_TEXT] = dbQueryText === 'raw' ? query : text
  return summary
}

function dialectOf(system: string): Dialect {
  if (system === 'microsoft.sql_server') return 'tsql'
  return system === 'mysql' || system === 'mariadb' ? 'mysql' : 'standard'
}

/** Of a call that has no text: what it does, and to which table. */
export function nameOperation(
  call: TracedCall | undefined,
  operation: string,
  table: unknown,
): TracedCall | undefined {
  const name = String(table ?? '').replaceAll(/\[(\w+)\]/g, '$1')
  const summary = `${operation} ${name}`
  call?.span.rename(summary)
  call?.span.setAttributes({
    [ATTR_DB_QUERY_SUMMARY]: summary,
    [ATTR_DB_OPERATION_NAME]: operation,
    [ATTR_DB_COLLECTION_NAME]: name,
  })
  return call
}

/** The span of what is no query: a connection made, an operation of a mapper. */
export const openConnect = (
  tools: LibraryTools,
  name: string,
  target: SqlTarget,
): TracedCall | undefined =>
  openCall(tools, { name, kind: SPAN_KIND_CLIENT, attributes: attributesOf(target) })

/** Ends it, as failed where there is an error. A query is ended once; what comes later has no effect. */
export function closeQuery(tools: LibraryTools, call: TracedCall, error?: unknown): void {
  if (call.span.isEnded) return
  if (error !== undefined && error !== null)
    tools.guard.run('reading an error', () => failQuery(tools, call.span, error))
  closeCall(tools, call)
}

/** By the database's code if it gave one, without values of the query. */
function failQuery({ settings }: LibraryTools, span: Span, error: unknown): void {
  const code = codeOf(error)
  const message = error instanceof Error ? String(error.message) : String(error)
  span.setError(settings.dbQueryText === 'raw' ? message : hideQuoted(message))
  span.setAttribute(ATTR_ERROR_TYPE, code ?? nameOf(error) ?? '_OTHER')
  if (code !== undefined && isFromDatabase(error))
    span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, code)
}

/** What tedious and mssql call all that the server refuses. */
const FROM_SQL_SERVER = 'EREQUEST'

/** SQLSTATE, MySQL's number, SQL Server's, SQLite's name, and Node's own of connections (`ECONNREFUSED`). */
function codeOf(error: unknown): string | undefined {
  const { code, errno, number, sqlState } = fieldsOf(error)
  const original = originalCodeOf(error)
  if (original !== undefined) return original
  if (typeof sqlState === 'string' && typeof errno === 'number') return String(errno)
  if (code === FROM_SQL_SERVER && typeof number === 'number') return String(number)
  return typeof code === 'string' && code !== '' ? code : undefined
}

/** Prisma has the database's own code beside words of its adapter's and of its own. */
function originalCodeOf(error: unknown): string | undefined {
  const { driverAdapterError = error } = fieldsOf(fieldsOf(error).meta)
  const { originalCode } = fieldsOf(fieldsOf(driverAdapterError).cause)
  return typeof originalCode === 'string' ? originalCode : undefined
}

const nameOf = (error: unknown): string | undefined =>
  error instanceof Error && error.name.toLowerCase() !== 'error' ? error.name : undefined

/** Of a connection that fails the database says nothing: the error is Node's or the library's. */
function isFromDatabase(error: unknown): boolean {
  const { severity, sqlState, code } = fieldsOf(error)
  if (severity !== undefined || sqlState !== undefined || code === FROM_SQL_SERVER) return true
  return String(code).startsWith('SQLITE') || originalCodeOf(error) !== undefined
}

/**
 * `invalid input syntax for type integer: "4711"`, `Duplicate entry 'a@b.c' for key 'email'`: from the first quote to the
 * last, since a value may have some of its own. SQL Server ends with `The duplicate key value is (4711).`
 */
const hideQuoted = (message: string): string =>
  message.replace(/(?<=\bvalue is )\(.*\)/s, '(?)').replace(/["'].*["']/s, '?')

/** Node's own, or of a library that the function brought: `then` answers another of its kind. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof fieldsOf(value).then === 'function'
