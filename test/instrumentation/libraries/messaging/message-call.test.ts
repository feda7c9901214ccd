// What of the context a message gets.
import t from 'tap'
import {
  type Entries,
  entriesInto,
} from '../../../../instrumentation/libraries/messaging/message-call.ts'

const TRACEPARENT = [
  'traceparent',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
] as const
const TRACESTATE = ['tracestate', 'a=1'] as const
const BAGGAGE = ['baggage', 'tenant=a'] as const
const XRAY = ['x-amzn-trace-id', 'Root=1-5759e988-bd862e3fe1be46a994272793'] as const
const ALL: Entries = [TRACEPARENT, TRACESTATE, BAGGAGE, XRAY]

const namesInto = (entries: Entries, names: readonly string[], roomBytes?: number): string[] =>
  entriesInto(entries, name => names.includes(name), roomBytes).map(([name]) => name)

t.test('all of it, but for what X-Ray would say again', t => {
  t.strictSame(namesInto(ALL, []), ['traceparent', 'tracestate', 'baggage'])
  t.strictSame(namesInto([BAGGAGE, XRAY], []), ['baggage', 'x-amzn-trace-id'])
  t.strictSame(namesInto([['b3', '0'], XRAY], []), ['b3', 'x-amzn-trace-id'])
  t.end()
})

t.test('nothing where the message names a sender, in whatever form; its own baggage stands', t => {
  for (const name of ['traceparent', 'tracestate', 'x-amzn-trace-id'])
    t.strictSame(namesInto(ALL, [name]), [], name)
  t.strictSame(namesInto(ALL, ['baggage']), ['traceparent', 'tracestate'])
  t.strictSame(namesInto([], ['traceparent']), [])
  t.end()
})

t.test('what there is room for, the most important first', t => {
  const bytesOf = ([name, value]: readonly [string, string]): number =>
    name.length + value.length + 16
  const first = bytesOf(TRACEPARENT)
  const second = first + bytesOf(TRACESTATE)
  t.strictSame(namesInto(ALL, [], first), ['traceparent'])
  t.strictSame(namesInto(ALL, [], first - 1), [], 'a smaller one alone says nothing')
  t.strictSame(namesInto(ALL, [], second), ['traceparent', 'tracestate'])
  t.strictSame(namesInto(ALL, [], -1), [])
  t.strictSame(namesInto(ALL, [], Number.NaN), [])
  t.end()
})
