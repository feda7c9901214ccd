// The tests' own collector and tree expectation: that faults are faults, and that a broken trace is seen.
import t, { type Test } from 'tap'
import { type CollectedSpan, expectTree, startCollector } from '../../helpers/otlp.ts'
import { encodeProtobuf, minimalSpan, wrapSpans } from './encode-otlp.ts'

const INIT = {
  method: 'POST',
  headers: { 'content-type': 'application/x-protobuf' },
  body: encodeProtobuf(wrapSpans(minimalSpan())),
}

t.test('a status is answered and no span kept, until it heals', async t => {
  await using collector = await startCollector({
    status: 429,
    responseHeaders: { 'retry-after': '7' },
  })
  const refused = await fetch(`${collector.url}/v1/traces`, INIT)
  t.equal(refused.status, 429)
  t.equal(refused.headers.get('retry-after'), '7')
  t.equal(collector.spans.length, 0)
  collector.setFault(undefined)
  t.equal((await fetch(`${collector.url}/v1/traces`, INIT)).status, 200)
  t.equal((await collector.waitForSpans(1)).length, 1)
  t.equal(collector.requests.length, 2)
})

t.test('a reset breaks the request, which is still recorded', async t => {
  await using collector = await startCollector({ reset: true })
  await t.rejects(fetch(`${collector.url}/v1/traces`, INIT))
  await collector.waitForRequests(1)
  t.strictSame(collector.requests[0]?.body, INIT.body)
})

t.test('a hang never answers, and disposing ends it', async t => {
  const collector = await startCollector({ hang: true })
  const pending = t.rejects(fetch(`${collector.url}/v1/traces`, INIT))
  await collector.waitForRequests(1)
  await collector[Symbol.asyncDispose]()
  await pending
})

t.test('a delay comes before the spans are taken', async t => {
  await using collector = await startCollector({ delayMs: 20 })
  const pending = fetch(`${collector.url}/v1/traces`, INIT)
  await collector.waitForRequests(1)
  t.equal(collector.spans.length, 0)
  t.equal((await pending).status, 200)
  t.equal(collector.spans.length, 1)
})

/** A span of one trace, from and to in nanoseconds. */
function span(
  name: string,
  id: string,
  [from, to]: [bigint, bigint],
  parent?: string,
): CollectedSpan {
  const base = { name, spanId: id, traceId: 't', startTimeUnixNano: from, endTimeUnixNano: to }
  return { ...base, ...(parent === undefined ? {} : { parentSpanId: parent }) } as CollectedSpan
}

/** What `expectTree` compares and finds unequal. */
function failures(
  spans: readonly CollectedSpan[],
  tree: Parameters<typeof expectTree>[2],
): unknown[] {
  const found: unknown[] = []
  const recorder = {
    strictSame(got: unknown, expected: unknown) {
      if (JSON.stringify(got) !== JSON.stringify(expected)) found.push(got)
    },
  }
  expectTree(recorder as unknown as Test, spans, tree)
  return found
}

t.test('a tree is compared by names in the order of time, with its relations', async t => {
  const root = span('root', '1', [0n, 100n], 'elsewhere')
  const late = span('late', '2', [50n, 60n], '1')
  const early = span('early', '3', [10n, 20n], '1')
  const leaf = span('leaf', '4', [12n, 13n], '3')
  const tree = ['root', ['early', ['leaf']], ['late']] as const
  t.strictSame(failures([leaf, late, root, early], tree), [])
  t.strictSame(
    failures([leaf, late, root, early], ['root', ['late'], ['early', ['leaf']]]).length,
    1,
  )
  t.strictSame(failures([late, root, early], tree).length, 1, 'a span is missing')
  t.strictSame(failures([root, { ...late, traceId: 'u' }], ['root', ['late']]), [
    ['late: another trace id'],
  ])
  t.strictSame(failures([root, span('late', '2', [101n, 102n], '1')], ['root', ['late']]), [
    ['late: starts after its parent root ended'],
  ])
  t.strictSame(failures([span('root', '1', [5n, 4n])], ['root']), [['root: ends too early']])
})
