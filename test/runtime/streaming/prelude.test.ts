// The prelude of a streamed HTTP response: in front of everything, and read on its way out.
import t from 'tap'
import { HttpResponseStream } from '../../../runtime/streaming/http-response-stream.ts'
import { PreludeReader } from '../../../runtime/streaming/prelude-reader.ts'
import type { ResponseStream } from '../../../runtime/streaming/response-stream.ts'
import { startStreaming } from './stream-handler.ts'

const NULS = '\0'.repeat(8)
const TYPE = 'application/vnd.awslambda.http-integration-response'
const PRELUDE = { statusCode: 201, headers: { x: 'y' }, cookies: ['a=b'] }

/** Calls on the stream, in order. */
type Calls = readonly (readonly ['write' | 'end' | 'cork', ...unknown[]])[]

const CALLS: readonly { readonly name: string; readonly calls: Calls; readonly body: string }[] = [
  { name: 'write', calls: [['write', 'hello'], ['end']], body: 'hello' },
  {
    name: 'an empty write',
    calls: [
      ['write', ''],
      ['end', 'x'],
    ],
    body: 'x',
  },
  { name: 'a bare end', calls: [['end']], body: '' },
  { name: 'end with a chunk', calls: [['end', 'body']], body: 'body' },
  { name: 'end with an object', calls: [['end', { a: 1 }]], body: '{"a":1}' },
  { name: 'end with a callback', calls: [['end', () => {}]], body: '' },
  { name: 'corked writes', calls: [['cork'], ['write', 'a'], ['end', 'b']], body: 'ab' },
]

for (const { name, calls, body } of CALLS) {
  t.test(`C120 C121 the prelude is in front of ${name}`, async t => {
    await using streaming = await startStreaming(async (_event, stream) => {
      const wrapped = HttpResponseStream.from(stream, PRELUDE)
      t.equal(wrapped, stream)
      for (const [method, ...args] of calls) Reflect.apply(wrapped[method], wrapped, args)
    })
    const { outcome } = await streaming.answer
    t.match(outcome, { status: 'ok', stream: { bytes: body.length, prelude: PRELUDE } })
    const [post] = streaming.api.posts
    t.equal(post?.body, `${JSON.stringify(PRELUDE)}${NULS}${body}`)
    t.equal(post?.headers['content-type'], TYPE)
  })
}

t.test('no prelude at all is an empty one', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    HttpResponseStream.from(stream).end('x')
  })
  await streaming.answer
  t.equal(streaming.api.posts[0]?.body, `{}${NULS}x`)
})

t.test('the prelude is as it was when it was given', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    const prelude = { statusCode: 200 }
    HttpResponseStream.from(stream, prelude)
    prelude.statusCode = 500
    stream.end()
  })
  t.match((await streaming.answer).outcome, { stream: { prelude: { statusCode: 200 } } })
})

t.test('a prelude written by hand is read as well', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.setContentType(TYPE)
    stream.write(JSON.stringify(PRELUDE))
    await new Promise(resolve => setImmediate(resolve))
    stream.write(new Uint8Array(8))
    stream.end('body')
  })
  t.match((await streaming.answer).outcome, { stream: { bytes: 4, prelude: PRELUDE } })
})

t.test('NULs in another content type are body', async t => {
  await using streaming = await startStreaming(async (_event, stream) => {
    stream.end(`{"statusCode":201}${NULS}x`)
  })
  const { outcome } = await streaming.answer
  t.equal(outcome.stream?.bytes, 27)
  t.notOk('prelude' in (outcome.stream ?? {}))
})

t.test('HttpResponseStream looks like the class it is on AWS', async t => {
  t.type(HttpResponseStream, 'function')
  t.equal(HttpResponseStream.name, 'HttpResponseStream')
  const value: unknown = {}
  t.equal(value instanceof (HttpResponseStream as unknown as typeof ResponseStream), false)
})

t.test('the reader finds the end of a prelude wherever its bytes are cut', async t => {
  const bytes = Buffer.from(`{"statusCode":404}${NULS}\0\0body`)
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second++) {
      const reader = new PreludeReader()
      for (const [from, to] of [
        [0, first],
        [first, second],
        [second, bytes.length],
      ]) {
        reader.read(bytes.subarray(from, to))
      }
      if (reader.length !== 26) t.equal(reader.length, 26, `cut at ${first} and ${second}`)
      if (JSON.stringify(reader.prelude) !== '{"statusCode":404}')
        t.fail(`cut at ${first}, ${second}`)
    }
  }
  t.pass('every cut')
})

t.test('a prelude that is no JSON says nothing, but is no body', async t => {
  const reader = new PreludeReader()
  reader.read(Buffer.from(`oops${NULS}body`))
  t.equal(reader.prelude, undefined)
  t.equal(reader.length, 12)
})

t.test('the last prelude that is looked for, and the first that is not', async t => {
  const limit = 64 * 1024
  for (const [bytes, length] of [
    [limit, limit + 8],
    [limit + 1, 0],
  ] as const) {
    const reader = new PreludeReader()
    reader.read(Buffer.alloc(bytes, ' '))
    reader.read(Buffer.alloc(8))
    t.equal(reader.length, length, `${bytes} bytes`)
  }
})
