import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { plainRecords } from '../../../instrumentation/records/records.ts'
import { STATUS_ERROR } from '../../../instrumentation/trace/span.ts'
import { SPAN_KIND_CONSUMER } from '../../../instrumentation/trace/span-kind.ts'
import { readEvent } from '../triggers/read-event.ts'
import {
  attributeOf,
  call,
  ids,
  type Message,
  NAME,
  recordSpans,
  type SqsEvent,
  startTraced,
  TEN,
  type Traced,
} from './traced-invocation.ts'

async function checkTree(t: Test, traced: Traced): Promise<void> {
  const event = TEN()
  const [invocation] = traced.named(NAME).filter(span => !span.parentSpanId)
  const records = recordSpans(traced)
  t.strictSame(
    ids(traced),
    event.Records.map(({ messageId }) => messageId),
  )
  for (const [at, span] of records.entries()) {
    t.equal(span.parentSpanId, invocation?.context.spanId)
    t.equal(span.kind, SPAN_KIND_CONSUMER)
    t.equal(span.links.length, 1)
    t.equal(span.links[0]?.context.traceId, invocation?.links[at]?.context.traceId)
    const [made] = traced.named(`call ${at}`)
    t.equal(made?.parentSpanId, span.context.spanId)
    t.ok(span.endMs >= span.startMs)
  }
}

t.test('for…of over event.Records: a span for each, with awaits in the body', async t => {
  const traced = startTraced()
  await traced.invoke(TEN(), async (event: SqsEvent) => {
    const outer = traced.activeSpanId()
    let at = 0
    for (const _ of event.Records) {
      await nextTurn()
      call(traced, `call ${at++}`)
    }
    t.equal(traced.activeSpanId(), outer, 'nothing is left behind')
    await nextTurn()
    t.equal(traced.activeSpanId(), outer)
  })
  await checkTree(t, traced)
})

t.test('for await, entries(), forEach and map do the same', async t => {
  const handlers: ((event: SqsEvent, traced: Traced) => unknown)[] = [
    async (event, traced) => {
      let at = 0
      for await (const _ of event.Records) call(traced, `call ${at++}`)
    },
    async (event, traced) => {
      for (const [at] of event.Records.entries()) {
        await nextTurn()
        call(traced, `call ${at}`)
      }
    },
    (event, traced) => {
      event.Records.forEach((_, at) => {
        call(traced, `call ${at}`)
      })
    },
    (event, traced) =>
      Promise.all(
        event.Records.map(async (_, at) => {
          await nextTurn()
          call(traced, `call ${at}`)
        }),
      ),
  ]
  for (const handler of handlers) {
    const traced = startTraced()
    await traced.invoke(TEN(), async (event: SqsEvent) => {
      const outer = traced.activeSpanId()
      await handler(event, traced)
      t.equal(traced.activeSpanId(), outer)
    })
    await checkTree(t, traced)
  }
})

t.test(
  'records(event) gives the spans to whoever asks for them, and map runs side by side',
  async t => {
    for (const isAutomatic of [true, false]) {
      const loop = startTraced({ isAutomatic })
      await loop.invoke(TEN(), async (event: SqsEvent) => {
        let at = 0
        for (const _ of loop.recordSpans.records<Message>(event)) {
          await nextTurn()
          call(loop, `call ${at++}`)
        }
      })
      await checkTree(t, loop)
      const mapped = startTraced({ isAutomatic })
      await mapped.invoke(TEN(), async (event: SqsEvent) => {
        const results = mapped.recordSpans.records<Message>(event).map(async (record, at) => {
          await nextTurn()
          call(mapped, `call ${at}`)
          return record.messageId
        })
        t.strictSame(
          await Promise.all(results),
          event.Records.map(({ messageId }) => messageId),
        )
      })
      await checkTree(t, mapped)
    }
  },
)

t.test(
  'a batch item failure is an error of its record, and in a stream of all after it',
  async t => {
    const traced = startTraced()
    const event = TEN()
    const failed = event.Records[3]?.messageId
    await traced.invoke(event, async (event: SqsEvent) => {
      for (const _ of event.Records) call(traced, 'call')
      return { batchItemFailures: [{ itemIdentifier: failed }] }
    })
    const inError = recordSpans(traced).filter(span => span.statusCode === STATUS_ERROR)
    t.strictSame(
      inError.map(span => attributeOf(span, 'messaging.message.id')),
      [failed],
    )
    t.equal(attributeOf(inError[0], 'error.type'), 'batch_item_failure')
    const [invocation] = traced.named(NAME).filter(span => !span.parentSpanId)
    t.equal(attributeOf(invocation, 'baton.batch.failed_count'), 1)
    t.strictSame(attributeOf(invocation, 'baton.batch.failed_ids'), [failed])
    t.not(invocation?.statusCode, STATUS_ERROR)

    const stream = startTraced()
    const changes = readEvent('dynamodb-mixed') as unknown as {
      Records: { dynamodb: { SequenceNumber: string } }[]
    }
    await stream.invoke(changes, async (event: typeof changes) => {
      for (const _ of event.Records) call(stream, 'call')
      return { batchItemFailures: [{ itemIdentifier: event.Records[1]?.dynamodb.SequenceNumber }] }
    })
    const states = stream.named('orders changes').filter(span => span.parentSpanId)
    t.strictSame(
      states.map(span => span.statusCode === STATUS_ERROR),
      [false, true, true],
    )
  },
)

t.test('what breaks off a loop ends it, and an error stands on the record that met it', async t => {
  const traced = startTraced()
  await traced.invoke(TEN(), async (event: SqsEvent) => {
    const outer = traced.activeSpanId()
    for (const _ of event.Records) {
      call(traced, 'call')
      break
    }
    t.equal(traced.activeSpanId(), outer)
    try {
      for (const _ of event.Records) throw new RangeError('caught')
    } catch {
      t.equal(traced.activeSpanId(), outer)
    }
    for (const { messageId } of event.Records) {
      await nextTurn()
      if (messageId === event.Records[2]?.messageId) throw new TypeError('no such order')
    }
  })
  const failed = recordSpans(traced).filter(span => span.statusCode === STATUS_ERROR)
  t.strictSame(
    failed.map(span => attributeOf(span, 'error.type')),
    ['TypeError'],
  )
  t.equal(attributeOf(failed[0], 'messaging.message.id'), TEN().Records[2]?.messageId)
})

t.test('a rejection in map stands on its record, and still goes to whoever handles it', async t => {
  const traced = startTraced()
  await traced.invoke(TEN(), async (event: SqsEvent) => {
    const work = event.Records.map(async (_, at) => {
      await nextTurn()
      if (at === 5) throw new TypeError('no')
    })
    const settled = await Promise.allSettled(work)
    t.equal(settled.filter(({ status }) => status === 'rejected').length, 1)
  })
  const failed = recordSpans(traced).filter(span => span.statusCode === STATUS_ERROR)
  t.equal(failed.length, 1)
  t.equal(failed[0]?.statusMessage, 'no')
})

t.test('two invocations side by side keep their records apart', async t => {
  const traced = startTraced()
  const seen = new Map<string, Set<string | undefined>>()
  const handler = (name: string) => async (event: SqsEvent) => {
    const own = new Set<string | undefined>()
    seen.set(name, own)
    for (const _ of event.Records) {
      own.add(traced.activeSpanId())
      await nextTurn()
      own.add(traced.activeSpanId())
    }
  }
  await Promise.all([traced.invoke(TEN(), handler('a')), traced.invoke(TEN(), handler('b'))])
  const [a = new Set(), b = new Set()] = seen.values()
  t.equal(a.size, 10)
  t.equal(b.size, 10)
  t.equal(new Set([...a, ...b]).size, 20)
})

t.test(
  'no more than 256 steps are told, and records beyond the first 128 have no spans',
  async t => {
    const traced = startTraced()
    const [record] = TEN().Records
    const Records = Array.from({ length: 200 }, (_, at) => ({
      ...record,
      messageId: `m-${at}`,
      messageAttributes: {},
    }))
    await traced.invoke({ Records }, (event: SqsEvent) => {
      for (let turn = 0; turn < 3; turn++) for (const _ of event.Records) call(traced, 'call')
    })
    t.equal(recordSpans(traced).length, 256)
    t.equal(new Set(ids(traced)).size, 128)
    const [invocation] = traced.named(NAME).filter(span => !span.parentSpanId)
    t.equal(attributeOf(invocation, 'messaging.batch.message_count'), 200)
  },
)

t.test('records of every kind of batch are gone over, with tracing and without', async t => {
  for (const [name, count] of Object.entries({
    'sqs-batch-ten-callers': 10,
    'kinesis-batch': 3,
    'msk-index-map': 2,
    'rabbitmq-base64': 2,
    'activemq-bytes': 1,
    'firehose-kinesis': 2,
    'documentdb-insert': 1,
    's3-batch-v1': 1,
    'pipes-sqs': 2,
    'other-direct-invoke': 0,
  })) {
    t.equal([...plainRecords(readEvent(name))].length, count, name)
    t.equal(plainRecords(readEvent(name)).map(() => 1).length, count)
    const traced = startTraced()
    await traced.invoke(readEvent(name), (event: object) => {
      let at = 0
      for (const _ of traced.recordSpans.records(event)) call(traced, `call ${at++}`)
      t.equal(at, count, name)
    })
    t.equal(traced.spans.length, 1 + 2 * count, name)
  }
  for (const event of [undefined, null, 7, 'text', []]) t.strictSame([...plainRecords(event)], [])
})
