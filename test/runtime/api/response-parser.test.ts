// Whole responses in every framing, cut anywhere: a socket may split bytes wherever it likes.
import t from 'tap'
import { ResponseParser } from '../../../runtime/api/response-parser.ts'
import type { HttpResponse } from '../../../runtime/contract.ts'

interface Framing {
  readonly name: string
  readonly wire: string
  readonly body: string
  readonly statusCode?: number
  /** The body ends with the connection. */
  readonly untilClose?: true
}

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1')

const FRAMINGS: readonly Framing[] = [
  {
    name: 'content-length',
    wire: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    body: 'hello',
  },
  { name: 'content-length 0', wire: 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n', body: '' },
  {
    name: 'a body of every byte',
    wire: `HTTP/1.1 200 OK\r\nContent-Length: 256\r\n\r\n${ALL_BYTES}`,
    body: ALL_BYTES,
  },
  { name: 'chunks', wire: `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`, body: 'hello world' },
  { name: 'no chunk but the last', wire: `${CHUNKED}0\r\n\r\n`, body: '' },
  {
    name: 'chunk extensions',
    wire: `${CHUNKED}5;a=b;c="d, e"\r\nhello\r\n1 ; f\r\n!\r\n0;last\r\n\r\n`,
    body: 'hello!',
  },
  {
    name: 'chunk sizes in either case and with zeros before them',
    wire: `${CHUNKED}a\r\n0123456789\r\n0000000A\r\nabcdefghij\r\n000\r\n\r\n`,
    body: '0123456789abcdefghij',
  },
  {
    name: 'chunks that look like framing',
    wire: `${CHUNKED}7\r\n\r\n0\r\n\r\n\r\n2\r\n\r\n\r\n0\r\n\r\n`,
    body: '\r\n0\r\n\r\n\r\n',
  },
  {
    name: 'trailers',
    wire: `${CHUNKED}2\r\nok\r\n0\r\nX-First: 1\r\nX-Second: 2\r\n\r\n`,
    body: 'ok',
  },
  {
    name: 'Chunked in capitals',
    wire: 'HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    body: 'a',
  },
  { name: 'until close', wire: 'HTTP/1.1 200 OK\r\n\r\nhello', body: 'hello', untilClose: true },
  { name: 'until close, nothing', wire: 'HTTP/1.1 200 OK\r\n\r\n', body: '', untilClose: true },
  { name: 'HTTP/1.0', wire: 'HTTP/1.0 200 OK\r\nA: b\r\n\r\nold', body: 'old', untilClose: true },
  { name: '204', wire: 'HTTP/1.1 204 No Content\r\n\r\n', body: '', statusCode: 204 },
  {
    name: '204 that names a length',
    wire: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    body: '',
    statusCode: 204,
  },
  {
    name: '304 that names a length',
    wire: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    body: '',
    statusCode: 304,
  },
  {
    name: '304 that names a coding',
    wire: 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: '',
    statusCode: 304,
  },
  {
    name: 'two 1xx before the answer',
    wire: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    body: 'ok',
  },
  {
    name: 'no reason',
    wire: 'HTTP/1.1 500\r\nContent-Length: 1\r\n\r\nx',
    body: 'x',
    statusCode: 500,
  },
  {
    name: 'an empty reason',
    wire: 'HTTP/1.1 999 \r\nContent-Length: 1\r\n\r\nx',
    body: 'x',
    statusCode: 999,
  },
]

/** Feeds the parts; every feed but the last must answer nothing. */
function feedParts(framing: Framing, parts: readonly Buffer[]): HttpResponse | string {
  const parser = new ResponseParser()
  const answers = parts.map(part => parser.feed(part))
  if (framing.untilClose) answers.push(parser.end())
  const last = answers.pop()
  const early = answers.findIndex(answer => answer !== undefined)
  return early === -1 ? (last ?? 'no answer') : `an answer after part ${early} already`
}

function expectResponse(framing: Framing, response: HttpResponse | string): string | undefined {
  if (typeof response === 'string') return response
  const body = response.body.toString('latin1')
  if (response.statusCode !== (framing.statusCode ?? 200)) return `status ${response.statusCode}`
  return body === framing.body ? undefined : `body ${JSON.stringify(body)}`
}

for (const framing of FRAMINGS) {
  const bytes = Buffer.from(framing.wire, 'latin1')

  t.test(
    `${framing.name}: the same response at each split, and not before its last byte`,
    async t => {
      const flaws: string[] = []
      for (let at = 0; at < bytes.length; at++) {
        const parts = [bytes.subarray(0, at), bytes.subarray(at)]
        const flaw = expectResponse(framing, feedParts(framing, parts))
        if (flaw !== undefined) flaws.push(`split at ${at}: ${flaw}`)
      }
      t.strictSame(flaws, [])
      t.ok(bytes.length > 15, 'there was something to split')
    },
  )

  t.test(`${framing.name}: byte by byte`, async t => {
    const parts = Array.from(bytes, byte => Buffer.from([byte]))
    t.equal(expectResponse(framing, feedParts(framing, parts)), undefined)
  })

  t.test(`${framing.name}: a connection that closes before the end is no answer`, async t => {
    const parser = new ResponseParser()
    const lastNeeded = framing.untilClose ? bytes.indexOf('\r\n\r\n') + 3 : bytes.length - 1
    t.equal(parser.feed(bytes.subarray(0, lastNeeded)), undefined)
    t.equal(parser.end(), undefined)
  })
}

function parse(text: string): HttpResponse | undefined {
  return new ResponseParser().feed(Buffer.from(text, 'latin1'))
}

t.test('header names come in lower case, values without the blanks around them', async t => {
  const response = parse(
    'HTTP/1.1 200 OK\r\nLAMBDA-Runtime-Aws-Request-Id: \t a:b \t\r\nX-Empty:\r\nx-inner:  a  b\r\nContent-Length: 0\r\n\r\n',
  )
  t.strictSame(Object.entries(response?.headers ?? {}), [
    ['lambda-runtime-aws-request-id', 'a:b'],
    ['x-empty', ''],
    ['x-inner', 'a  b'],
    ['content-length', '0'],
  ])
})

t.test('bytes of a header value stay what they are, but for blanks and tabs around it', async t => {
  // "à" is C3 A0 in UTF-8: its second byte is no blank, although latin1 calls it a no-break space.
  const response = parse('HTTP/1.1 200 OK\r\nX-City: \xc3\xa0\r\nContent-Length: 0\r\n\r\n')
  t.equal(Buffer.from(response?.headers['x-city'] ?? '', 'latin1').toString(), 'à')
})

t.test('values of a repeated header are joined in their order', async t => {
  const response = parse('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\nx-a: 2\r\nX-a:\r\n\r\n')
  t.equal(response?.headers['x-a'], '1, 2, ')
})

t.test('header names that objects know are headers like any other', async t => {
  const response = parse(
    'HTTP/1.1 200 OK\r\n__proto__: p\r\nconstructor: c\r\nContent-Length: 0\r\n\r\n',
  )
  t.equal(response?.headers.constructor, 'c')
  t.equal(Object.entries(response?.headers ?? {})[0]?.join(), '__proto__,p')
  t.equal(response?.headers.toString, undefined, 'and nothing is inherited')
})

for (const [version, header, framing, keepsAlive] of [
  ['1.1', '', 'Content-Length: 0', true],
  ['1.1', 'Connection: keep-alive', 'Content-Length: 0', true],
  ['1.1', 'Connection: close', 'Content-Length: 0', false],
  ['1.1', 'CONNECTION: Close', 'Content-Length: 0', false],
  ['1.1', 'Connection: X-Other, close', 'Content-Length: 0', false],
  ['1.1', 'Connection: X-Other\r\nConnection: close', 'Content-Length: 0', false],
  ['1.0', '', 'Content-Length: 0', false],
  ['1.0', 'Connection: Keep-Alive', 'Content-Length: 0', true],
  ['1.1', '', 'Transfer-Encoding: chunked', true],
  ['1.1', 'Connection: close', 'Transfer-Encoding: chunked', false],
  ['1.1', '', 'X: until close', false],
  ['1.0', 'Connection: keep-alive', 'X: until close', false],
] as const) {
  t.test(
    `HTTP/${version} with ${JSON.stringify(header)} and ${framing}: the connection ${keepsAlive ? 'may serve again' : 'is done'}`,
    async t => {
      const parser = new ResponseParser()
      t.equal(parser.keepsAlive, false, 'not known before the head')
      const lines = [`HTTP/${version} 200 OK`, header, framing].filter(line => line !== '')
      const end = framing.endsWith('chunked') ? '0\r\n\r\n' : ''
      const answer = parser.feed(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${end}`)) ?? parser.end()
      t.equal(answer?.statusCode, 200)
      t.equal(parser.keepsAlive, keepsAlive)
    },
  )
}

t.test('hasStarted is true from the first byte on, whichever kind of byte it is', async t => {
  const parser = new ResponseParser()
  t.equal(parser.hasStarted, false)
  parser.feed(Buffer.from('H'))
  t.equal(parser.hasStarted, true)
  parser.feed(Buffer.from('TTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n'))
  t.equal(parser.hasStarted, true)
  parser.feed(Buffer.from('o'))
  t.equal(parser.hasStarted, true)

  const afterContinue = new ResponseParser()
  afterContinue.feed(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))
  t.equal(afterContinue.hasStarted, true, 'a server that said Continue has seen the request')
})

t.test('the status is known from the end of the head on, and a 1xx is none', async t => {
  const parser = new ResponseParser()
  parser.feed(Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 5'))
  t.equal(parser.statusCode, undefined)
  parser.feed(Buffer.from('\r\n\r\n'))
  t.equal(parser.statusCode, 503)
})
