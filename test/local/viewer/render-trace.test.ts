// The waterfall, character by character.
import t from 'tap'
import { renderTrace, renderTraces } from '../../../local/viewer/render-trace.ts'
import { widthOf } from '../../../local/viewer/text.ts'
import { ORDER_TRACE, sampleSpan } from './sample-spans.ts'

const PLAIN = { width: 80, color: false }

t.test('a trace at 80 columns', async t => {
  t.equal(
    renderTrace(ORDER_TRACE, PLAIN),
    `trace 4bf92f3577b34da6a3ce929d0e0e4736
412 ms · 5 spans · orders

parent 00f067aa0ba902b7 reported elsewhere
POST /orders                     ████████████████████████████████   412 ms   201
│ cold start · request 8f5c1d9e-2d1b-4b9d-8a3f-0f3e1a2b3c4d
├ POST                            ██                               23.0 ms   200
│   http://127.0.0.1:4566/
├ GET                               ▐████████████████               208 ms ✗ 503
│ │ http://127.0.0.1:9000/quote?weight=3&weight=3&weight=3&weight=3&weight=3&we…
│ └ dns.lookup                      ▐                               200 µs
└ DynamoDB.PutItem of a very lo…                     ███████████    140 ms ✗
    TypeError: x is not\\na function
    rpc DynamoDB/PutItem · db aws.dynamodb · table orders
    aws request ABCDEFGHIJKLMNOPQRSTUVWXYZ
`,
  )
})

t.test('a narrow terminal, and one narrower than a trace can be', async t => {
  const narrow = renderTrace(ORDER_TRACE, { width: 40, color: false })
  t.equal(
    narrow,
    `trace 4bf92f3577b34da6a3ce929d0e0e4736
412 ms · 5 spans · orders

parent 00f067aa0ba902b7 reported elsewhere
POST /orders     ████████   412 ms   201
│ cold start
│ request 8f5c1d9e-2d1b-4b9d-8a3f-0f3e1…
├ POST           █         23.0 ms   200
│   http://127.0.0.1:4566/
├ GET            ▐████      208 ms ✗ 503
│ │ http://127.0.0.1:9000/quote?weight=…
│ └ dns.lookup   ▐          200 µs
└ DynamoDB.PutI…      ███   140 ms ✗
    TypeError: x is not\\na function
    rpc DynamoDB/PutItem
    db aws.dynamodb · table orders
    aws request ABCDEFGHIJKLMNOPQRSTUVW…
`,
  )
  t.equal(renderTrace(ORDER_TRACE, { width: 3, color: false }), narrow)
})

t.test('with colour it is the same text, and every colour is taken back', async t => {
  const colored = renderTrace(ORDER_TRACE, { width: 80, color: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is looked at
  const plain = colored.replaceAll(/\x1b\[\d+m/g, '')
  t.equal(
    plain.replaceAll(/ +\n/g, '\n'),
    renderTrace(ORDER_TRACE, PLAIN).replaceAll(/ +\n/g, '\n'),
  )
  t.match(colored, '\x1b[31m✗ 503\x1b[39m', 'an error is red')
  for (const line of colored.split('\n')) {
    const count = (code: string): number => line.split(`\x1b[${code}m`).length - 1
    t.equal(count('2') + count('1'), count('22'))
    t.equal(
      ['31', '32', '35', '36', '94'].reduce((sum, code) => sum + count(code), 0),
      count('39'),
    )
  }
})

t.test('no line is wider than the terminal, whatever the names are', async t => {
  const spans = ORDER_TRACE.map((span, index) => ({
    ...span,
    name: [
      '東京への注文を処理する長い名前です',
      '👩‍👩‍👧‍👦'.repeat(30),
      'é'.repeat(90),
      'x'.repeat(99),
      '',
    ].at(index) as string,
  }))
  for (const width of [40, 61, 80, 133]) {
    const lines = renderTrace(spans, { width, color: false }).split('\n')
    t.strictSame(
      lines.filter(line => widthOf(line) > Math.max(width, 42)),
      [],
      `${width}`,
    )
  }
})

t.test('what comes from outside never reaches the terminal raw', async t => {
  const hostile = '\x1b]0;owned\x07\x1b[2J\r\n\t\x9b31m\u202eevil\u2028\x7f\ud800'
  const span = sampleSpan(hostile, ['1'], [0, 1], {
    attributes: {
      'url.full': hostile,
      'http.response.status_code': '\x1b[',
      'db.query.text': { [hostile]: 1n },
    },
    status: { code: 'ERROR', message: hostile },
    resource: { 'service.name': hostile },
    events: [
      {
        name: 'exception',
        timeUnixNano: 0n,
        attributes: { 'exception.type': hostile, 'exception.message': hostile },
        droppedAttributesCount: 0,
      },
    ],
  })
  const text = renderTrace([span], { width: 400, color: false })
  t.notMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  t.match(text, '\\x1b]0;owned\\x07\\x1b[2J\\r\\n\\t\\x9b31m\\u{202e}evil\\u{2028}\\x7f\\u{d800}')
})

t.test('several services are named at their spans', async t => {
  const text = renderTrace(
    [
      sampleSpan('a', ['1'], [0, 2]),
      sampleSpan('b', ['2', '1'], [1, 2], { resource: { 'service.name': 'shipping' } }),
    ],
    PLAIN,
  )
  t.match(text, '2.00 ms · 2 spans · orders · shipping\n')
  t.match(text, '└ b')
  t.match(text, '    shipping\n')
})

t.test('links and what was dropped are counted', async t => {
  const link = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    traceState: '',
    flags: 1,
    attributes: {},
    droppedAttributesCount: 0,
  }
  const text = renderTrace(
    [
      sampleSpan('a', ['1'], [0, 2], {
        links: [link, link],
        droppedAttributesCount: 1,
        droppedEventsCount: 2,
        droppedLinksCount: 3,
      }),
    ],
    PLAIN,
  )
  t.match(text, '  2 links · 1 attribute dropped · 2 events dropped · 3 links dropped\n')
})

t.test('several traces come one after the other, the earliest first', async t => {
  const other = sampleSpan('earlier', ['9'], [-5, -4], { traceId: 'f'.repeat(32) })
  const text = renderTraces([...ORDER_TRACE, other], PLAIN)
  t.equal(text, `${renderTrace([other], PLAIN)}\n${renderTrace(ORDER_TRACE, PLAIN)}`)
  t.equal(renderTraces([], PLAIN), '')
})

t.test(
  'a span without duration is seen, and one that ends before it starts is no crash',
  async t => {
    t.match(renderTrace([sampleSpan('instant', ['1'], [0, 0])], PLAIN), /instant +█+ +0 ns\n/)
    t.match(renderTrace([sampleSpan('backwards', ['1'], [5, 0])], PLAIN), /backwards +█+ +\?\n/)
    t.match(
      renderTrace(
        [sampleSpan('all', ['1'], [0, 1000]), sampleSpan('last', ['2', '1'], [1000, 1000])],
        PLAIN,
      ),
      /└ last +▐ +0 ns\n/,
    )
  },
)
