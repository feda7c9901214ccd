// Headers whose values are kept in AWS's stores. They are fetched for the first export, which is after the first response,
// kept in memory, and fetched again when the collector refuses them: keys are changed while functions run.
import { type Authorizer, type Headers, mergeHeaders } from '../authorizer.ts'
import type { SecretHeader, SecretReference } from './secret-reference.ts'
import { readSecret, type SecretStoreOptions } from './secret-store.ts'

export interface SecretHeaderSettings {
  /** A secret that holds headers, as `name=value,name=value` or as a JSON object. */
  readonly list: SecretReference | undefined
  readonly single: readonly SecretHeader[]
  /** Reads the first of those forms. */
  readonly readPairs: (text: string) => Headers | undefined
}

/** A collector that refuses a good key must not make us ask AWS for each batch. */
const REFRESH_MS = 5 * 60_000

export function createSecretHeaders(
  settings: SecretHeaderSettings,
  store: SecretStoreOptions,
  nowMs: () => number,
): Authorizer {
  let known: Headers | undefined
  let asking: Promise<Headers> | undefined
  let refreshedMs = Number.NEGATIVE_INFINITY
  return {
    async authorize({ headers }, timeoutMs) {
      if (known === undefined) {
        asking ??= fetchHeaders(settings, store, timeoutMs).finally(() => {
          asking = undefined
        })
        known = await asking
      }
      return mergeHeaders(headers, known)
    },
    learn({ statusCode }) {
      const isRefused = statusCode === 401 || statusCode === 403
      if (!isRefused || nowMs() - refreshedMs < REFRESH_MS) return false
      refreshedMs = nowMs()
      known = undefined
      return true
    },
  }
}

async function fetchHeaders(
  { list, single, readPairs }: SecretHeaderSettings,
  store: SecretStoreOptions,
  timeoutMs: number,
): Promise<Headers> {
  const [pairs, ...values] = await Promise.all([
    list === undefined ? {} : fetchList(list, readPairs, store, timeoutMs),
    ...single.map(({ reference }) =>
      named('BATON_SECRET_HEADERS', () => readSecret(reference, store, timeoutMs)),
    ),
  ])
  const entries = single.map(({ name, prefix }, index) => [name, `${prefix}${values[index]}`])
  return mergeHeaders(pairs, Object.fromEntries(entries))
}

function fetchList(
  reference: SecretReference,
  readPairs: SecretHeaderSettings['readPairs'],
  store: SecretStoreOptions,
  timeoutMs: number,
): Promise<Headers> {
  return named('BATON_SECRET_OTLP_HEADERS', async () => {
    const text = await readSecret(reference, store, timeoutMs)
    const headers = text.startsWith('{') ? readJsonHeaders(text) : readPairs(text)
    if (headers !== undefined) return headers
    throw new Error('expected a secret of name=value pairs or a JSON object of texts')
  })
}

function readJsonHeaders(text: string): Headers | undefined {
  try {
    const entries = Object.entries<unknown>(JSON.parse(text))
    const isText = entries.every(([, value]) => typeof value === 'string')
    return isText ? (Object.fromEntries(entries) as Headers) : undefined
  } catch {
    return undefined
  }
}

/** What goes wrong is told with the option that asked for it. */
async function named<T>(option: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new Error(`${option}: ${error instanceof Error ? error.message : error}`)
  }
}
