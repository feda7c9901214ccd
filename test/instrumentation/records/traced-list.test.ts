import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import {
  call,
  type Message,
  recordSpans,
  type SqsEvent,
  startTraced,
  TEN,
} from './traced-invocation.ts'

t.test('without the automatic ones nothing about the event is changed', async t => {
  const traced = startTraced({ isAutomatic: false })
  await traced.invoke(TEN(), async (event: SqsEvent) => {
    t.equal(Object.getPrototypeOf(event.Records), Array.prototype)
    for (const _ of event.Records) call(traced, 'call')
  })
  t.equal(recordSpans(traced).length, 0)
})

t.test('a traced list is an array to all who look at it', async t => {
  const traced = startTraced()
  await traced.invoke(TEN(), (event: SqsEvent) => {
    const plain = TEN()
    const { Records } = event
    t.ok(Array.isArray(Records))
    t.ok(Array.prototype.isPrototypeOf.call(Array.prototype, Records))
    t.equal(JSON.stringify(event), JSON.stringify(plain))
    t.strictSame(Object.keys(event), Object.keys(plain))
    t.strictSame(Reflect.ownKeys(Records), Reflect.ownKeys(plain.Records))
    t.equal(Records.length, 10)
    t.equal(Records.constructor, Array)
    t.ok(isDeepStrictEqual(structuredClone(event), plain))
    t.ok(isDeepStrictEqual([...Records], plain.Records))
    t.equal(Object.getPrototypeOf(Records.filter(() => true)), Array.prototype)
    t.equal(Object.getPrototypeOf(Records.map(each => each)), Array.prototype)
    t.equal(Object.getPrototypeOf(Records.slice()), Array.prototype)
    const [first, ...rest] = Records
    t.equal(first?.messageId, plain.Records[0]?.messageId)
    t.equal(rest.length, 9)
    t.equal(new Set(Records).size, 10)
    t.throws(() => Records.map(undefined as never), TypeError)
    Records.push({ messageId: 'mine', body: '' })
    let seen = 0
    for (const _ of Records) seen++
    t.equal(seen, 11)
    t.equal(Records.shift()?.messageId, first?.messageId)
  })
})

t.test('copying is no work: spread, destructuring and plain maps make no spans', async t => {
  const traced = startTraced()
  await traced.invoke(TEN(), (event: SqsEvent) => {
    // Their first turns are those of code that was never run before.
    for (let turn = 0; turn < 20; turn++) {
      const copy = [...event.Records]
      const [first] = event.Records
      const bodies = event.Records.map(({ body }) => JSON.parse(body) as unknown)
      t.ok(copy.length === 10 && first !== undefined && bodies.length === 10)
    }
  })
  t.ok(recordSpans(traced).length <= 20, `${recordSpans(traced).length} spans`)
})

t.test('an iterator that is kept gets no context into a later invocation', async t => {
  const traced = startTraced()
  let kept: Iterator<Message> | undefined
  let list: Message[] = []
  await traced.invoke(TEN(), async (event: SqsEvent) => {
    list = event.Records
    kept = event.Records[Symbol.iterator]()
    kept.next()
  })
  t.equal(traced.activeSpanId(), undefined)
  const before = traced.spans.length
  await traced.invoke({ direct: true }, async () => {
    const outer = traced.activeSpanId()
    kept?.next()
    t.equal(traced.activeSpanId(), outer)
    for (const _ of list) t.equal(traced.activeSpanId(), outer)
    kept?.return?.()
    t.equal(traced.activeSpanId(), outer)
  })
  t.equal(traced.spans.length, before + 1)
})
