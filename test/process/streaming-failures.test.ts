// C123, C126-C128, C146, C147: streams that fail, and streams that nobody ends.
import t from 'tap'
import { errorOf, startStreamingFunction, untilLogged } from '../helpers/streaming.ts'

t.test('C119 what Node and AWS refuse fails the invocation', async t => {
  await using fn = await startStreamingFunction(
    's.write("a"); if (e.late) s.setContentType("x/y"); else s.write(null)',
    { events: [{ late: true }, {}] },
  )
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: 'a' }, { body: 'a' }])
  t.match(errorOf(fn.api.posts[0]), {
    type: 'Runtime.InvalidStreamingOperation',
    body: { errorMessage: 'Cannot set content-type, too late.' },
  })
  t.match(errorOf(fn.api.posts[1]), { type: 'TypeError', body: { errorType: 'TypeError' } })
})

t.test('C123 no end: open until the timeout, with one warning', async t => {
  await using fn = await startStreamingFunction('s.write("a")', { events: [{}, {}] })
  await fn.api.until(({ arrivals }) => arrivals[0]?.body() === 'a')
  await untilLogged(fn, /\treq-0\tWARN\tThe streaming handler has returned without ending/)
  t.equal(fn.api.posts.length, 0)
  t.equal(fn.api.nexts.length, 1)
  t.equal(fn.process.exitCode, null, 'it is not over')
  t.equal(fn.stdout().trimEnd().split('\n').length, 1)
})

t.test('C123 an end that comes after the handler has returned is an end', async t => {
  await using fn = await startStreamingFunction('s.write("a"); setTimeout(() => s.end("b"), 20)', {
    events: [{}, {}],
  })
  await fn.answered(2)
  t.match(fn.api.posts, [{ body: 'ab' }, { body: 'ab' }])
  t.equal(fn.stdout(), '')
})

for (const [name, before, body] of [
  ['that has written nothing', '', ''],
  ['that has written', 's.write("a");', 'a'],
  ['that waits for a drain that came', 's.write("a", () => {});', 'a'],
] as const) {
  t.test(`C69 a streaming handler ${name} and never settles is told to the caller`, async t => {
    await using fn = await startStreamingFunction(`${before} await new Promise(() => {})`, {
      events: [{}, {}],
    })
    await fn.answered(2)
    t.match(fn.api.posts, [
      { operation: 'response', requestId: 'req-0', body },
      { operation: 'response', requestId: 'req-1', body },
    ])
    t.equal(errorOf(fn.api.posts[1]).type, 'Runtime.NodeJsExit')
  })
}

t.test(
  'C69 a handler that never settles after its end is logged, and the next is served',
  async t => {
    await using fn = await startStreamingFunction('s.end("a"); await new Promise(() => {})', {
      events: [{}, {}],
    })
    await fn.answered(2)
    t.match(fn.api.posts, [{ body: 'a' }, { body: 'a' }])
    t.equal(errorOf(fn.api.posts[0]).type, undefined)
    await untilLogged(fn, /\treq-1\tERROR\tInvoke Error \t\{"errorType":"Runtime.NodeJsExit"/)
  },
)

t.test('C126 thrown before the first write: empty body, trailers, no error post', async t => {
  await using fn = await startStreamingFunction('throw new TypeError("no")', { events: [{}, {}] })
  await fn.answered(2)
  t.match(fn.api.posts, [
    { operation: 'response', body: '' },
    { operation: 'response', body: '' },
  ])
  t.match(errorOf(fn.api.posts[0]), {
    type: 'TypeError',
    body: { errorType: 'TypeError', errorMessage: 'no', trace: [/^TypeError: no/, /index\.js/] },
  })
  await untilLogged(fn, /\treq-0\tERROR\tInvoke Error \t\{"errorType":"TypeError"/)
})

t.test('C127 thrown in the middle: the body so far, trailers', async t => {
  await using fn = await startStreamingFunction('s.write("a"); throw new RangeError("mid")')
  await fn.answered(1)
  t.match(fn.api.posts, [{ operation: 'response', body: 'a' }])
  t.match(errorOf(fn.api.posts[0]), { type: 'RangeError', body: { errorMessage: 'mid' } })
})

t.test('C128 a name beyond ASCII is sent as Error, and serving goes on', async t => {
  await using fn = await startStreamingFunction(
    's.write("a"); throw Object.assign(new Error("m"), { name: "Ошибка" })',
    { events: [{}, {}] },
  )
  await fn.answered(2)
  t.match(errorOf(fn.api.posts[0]), { type: 'Error', body: { errorType: 'Ошибка' } })
  t.equal(fn.api.posts.length, 2)
})

t.test('C144 an error of a megabyte stays within the trailers that the platform takes', async t => {
  await using fn = await startStreamingFunction('throw new Error("x".repeat(1_060_000))', {
    events: [{}, {}],
  })
  await fn.answered(2)
  t.equal(fn.api.posts.length, 2)
  t.match(errorOf(fn.api.posts[0]), { type: 'Error', body: { errorMessage: /^x{1000,}$/ } })
})

t.test('an exception in a timer ends the stream with it: trailers, exit 129', async t => {
  await using fn = await startStreamingFunction(
    's.write("a"); setTimeout(() => { throw new RangeError("uc") }, 5); await new Promise(r => setTimeout(r, 60000))',
    { events: [{}, {}] },
  )
  t.equal((await fn.exit).code, 129)
  t.match(fn.api.posts, [{ operation: 'response', body: 'a' }])
  t.equal(errorOf(fn.api.posts[0]).type, 'RangeError')
  await untilLogged(fn, /\treq-0\tERROR\tUncaught Exception \t/)
  t.equal(fn.api.nexts.length, 1)
})

t.test('an exception after the handler returned and before the end: the same', async t => {
  await using fn = await startStreamingFunction(
    's.write("a"); setTimeout(() => { throw new RangeError("uc") }, 5)',
  )
  t.equal((await fn.exit).code, 129)
  t.match(fn.api.posts, [{ operation: 'response', body: 'a' }])
  t.equal(errorOf(fn.api.posts[0]).type, 'RangeError')
})

t.test('C146 a connection reset in the middle: logged, exit 1, no further event', async t => {
  await using fn = await startStreamingFunction(
    's.write("a"); await new Promise(r => setTimeout(r, 60000))',
    {
      events: [{}, {}],
      faultWhile: ({ bytes }) => (bytes > 0 ? { reset: true } : undefined),
    },
  )
  t.equal((await fn.exit).code, 1)
  await untilLogged(fn, /\treq-0\tERROR\tthe Runtime API did not take the answer/)
  t.equal(fn.api.posts.length, 0)
  t.equal(fn.api.nexts.length, 1)
})

t.test('C147 a stream that the platform calls truncated: exit 1, no further event', async t => {
  await using fn = await startStreamingFunction('s.end("a")', {
    events: [{}, {}],
    faultOn: () => ({ status: 400, body: '{"errorType":"TruncatedHTTPRequest"}' }),
  })
  t.equal((await fn.exit).code, 1)
  await untilLogged(fn, /\treq-0\tERROR\t.*400.*TruncatedHTTPRequest/)
  t.equal(fn.api.posts.length, 1)
  t.equal(fn.api.nexts.length, 1)
})

t.test('a stream that is too large is cut off, and the next event is served', async t => {
  await using fn = await startStreamingFunction(
    'if (e.good) return void s.end("ok"); s.write("a"); while (!s.destroyed) await new Promise(r => setImmediate(r))',
    {
      events: [{}, { good: true }],
      faultWhile: ({ bytes, requestId }) =>
        requestId === 'req-0' && bytes > 0 ? { status: 413 } : undefined,
    },
  )
  await fn.answered(1)
  t.match(fn.api.posts.at(-1), { requestId: 'req-1', body: 'ok' })
  await untilLogged(fn, /\treq-0\tERROR\tthe Runtime API did not take the answer.*413/)
})
