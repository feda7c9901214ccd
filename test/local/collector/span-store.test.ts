// What a collector keeps when it runs all day.
import t from 'tap'
import type { ExportRequest } from '../../../local/collector/answer-export.ts'
import { REQUEST_LIMIT, SPAN_LIMIT, SpanStore } from '../../../local/collector/span-store.ts'
import { sampleSpan } from '../viewer/sample-spans.ts'

const REQUEST: ExportRequest = {
  method: 'POST',
  path: '/v1/traces',
  headers: {},
  body: Buffer.alloc(0),
  sizeBytes: 0,
  isTruncated: false,
}

t.test('up to its limits everything is kept, and above them the newest', async t => {
  const store = new SpanStore()
  const [first, second, last] = ['first', 'second', 'last'].map(name =>
    sampleSpan(name, ['1'], [0, 1]),
  )
  if (first === undefined || second === undefined || last === undefined) throw new Error('no spans')
  store.addSpans([first, ...Array(SPAN_LIMIT - 1).fill(second)])
  t.equal(store.spans.length, SPAN_LIMIT)
  t.equal(store.spans[0], first)
  store.addSpans([last])
  t.equal(store.spans.length, SPAN_LIMIT)
  t.equal(store.spans[0], second)
  t.equal(store.spans.at(-1), last)
})

t.test('the same for requests', async t => {
  const store = new SpanStore()
  const second = { ...REQUEST }
  store.addRequest(REQUEST)
  for (let count = 1; count < REQUEST_LIMIT; count++) store.addRequest(second)
  t.equal(store.requests[0], REQUEST)
  store.addRequest(second)
  t.equal(store.requests.length, REQUEST_LIMIT)
  t.equal(store.requests[0], second)
})
