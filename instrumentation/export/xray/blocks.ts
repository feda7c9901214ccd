// X-Ray's `http`, `aws` and `sql`: what its console and its map know how to show.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
import type { DecodedSpan } from '../otlp-decoder.ts'
import { type UnusedAttributes, unlessEmpty } from './unused-attributes.ts'

export interface HttpBlock {
  readonly request?: {
    readonly method?: string
    readonly url?: string
    readonly user_agent?: string
    readonly client_ip?: string
  }
  readonly response?: { readonly status?: number; readonly content_length?: number }
}

export interface AwsBlock {
  readonly operation: string
  readonly region: string
  readonly request_id: string
  readonly table_name: string
  readonly queue_url: string
}

export interface SqlBlock {
  readonly url: string
  readonly database_type: string
  readonly sanitized_query: string
}

/** `db.system.name` of databases that speak SQL; of the others X-Ray has no picture. */
const SQL_SYSTEMS: ReadonlySet<string> = new Set([
  'aws.redshift',
  'clickhouse',
  'cockroachdb',
  'derby',
  'gcp.spanner',
  'h2database',
  'hsqldb',
  'ibm.db2',
  'mariadb',
  'microsoft.sql_server',
  'mysql',
  'oracle.db',
  'other_sql',
  'postgresql',
  'sqlite',
  'trino',
])
/** A query is no name: it may be as long as a datagram lets it be. */
const MAX_QUERY_CHARACTERS = 16_384
const KIND_CLIENT = 3
const KIND_PRODUCER = 4

export function isOutgoing(span: DecodedSpan): boolean {
  return span.kind === KIND_CLIENT || span.kind === KIND_PRODUCER
}

export function readHttp(attributes: UnusedAttributes): Partial<HttpBlock> | undefined {
  const request = unlessEmpty<NonNullable<HttpBlock['request']>>({
    method: attributes.text('http.request.method'),
    url: attributes.text('url.full') ?? joinUrl(attributes),
    user_agent: attributes.text('user_agent.original'),
    client_ip: attributes.text('client.address'),
  })
  const response = unlessEmpty<NonNullable<HttpBlock['response']>>({
    status: attributes.number('http.response.status_code'),
    content_length: attributes.number('http.response.body.size'),
  })
  return unlessEmpty<HttpBlock>({ request, response })
}

/** The parts of the URL that an invocation's span has stay attributes too: they are what one filters by. */
function joinUrl(attributes: UnusedAttributes): string | undefined {
  const path = attributes.peek('url.path')
  const host = attributes.peek('server.address')
  if (path === undefined || host === undefined) return undefined
  const scheme = attributes.peek('url.scheme') ?? 'https'
  return `${scheme}://${host}${path}`.slice(0, 250).toWellFormed()
}

/** Of a call by an AWS SDK, or one that was recognised as such. */
export function readAws(attributes: UnusedAttributes): Partial<AwsBlock> | undefined {
  if (attributes.peek('rpc.system.name') !== 'aws-api') return undefined
  const method = attributes.text('rpc.method')
  return unlessEmpty<AwsBlock>({
    // `DynamoDB/PutItem`, `DynamoDB.PutItem` or `PutItem`.
    operation: method?.slice(lastSeparator(method) + 1),
    region: attributes.text('cloud.region'),
    request_id: attributes.text('aws.request_id'),
    table_name: firstOf(attributes.peek('aws.dynamodb.table_names')),
    queue_url: attributes.text('aws.sqs.queue.url', MAX_QUERY_CHARACTERS),
  })
}

/** The service that an AWS call went to; X-Ray's map names its node so. */
export function awsServiceName(attributes: UnusedAttributes, spanName: string): string {
  const method = attributes.peek('rpc.method') ?? ''
  const separator = lastSeparator(method)
  if (separator > 0) return method.slice(0, separator)
  return attributes.peek('rpc.service') ?? spanName.split('.')[0] ?? spanName
}

export function readSql(attributes: UnusedAttributes): Partial<SqlBlock> | undefined {
  const system = attributes.peek('db.system.name')
  if (system === undefined || !SQL_SYSTEMS.has(system)) return undefined
  const host = attributes.peek('server.address')
  const port = attributes.peek('server.port')
  const database = attributes.peek('db.namespace') ?? ''
  return unlessEmpty<SqlBlock>({
    url: host && `${host}${port === undefined ? '' : `:${port}`}/${database}`.toWellFormed(),
    database_type: attributes.text('db.system.name'),
    sanitized_query: attributes.text('db.query.text', MAX_QUERY_CHARACTERS),
  })
}

function lastSeparator(method: string): number {
  return Math.max(method.lastIndexOf('/'), method.lastIndexOf('.'))
}

/** Lists are JSON here; X-Ray has room for one table. */
function firstOf(list: string | undefined): string | undefined {
  if (list === undefined) return undefined
  try {
    const [first]: readonly unknown[] = JSON.parse(list)
    return typeof first === 'string' ? first : undefined
  } catch {
    return list
  }
}
