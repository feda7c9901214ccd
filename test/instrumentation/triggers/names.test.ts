// Names of objects in large events: read from the text's first part, looked up, and never listed.
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import {
  createPropagation,
  type PropagatorName,
} from '../../../instrumentation/propagation/propagation.ts'
import { detectTrigger } from '../../../instrumentation/triggers/detect.ts'
import { namesInText } from '../../../instrumentation/triggers/names.ts'
import type { Trigger } from '../../../instrumentation/triggers/trigger.ts'
import { startRandom } from '../../helpers/random.ts'
import { readEvent } from './read-event.ts'

const LARGE_BYTES = 32 * 1024 + 1
const HEAD_BYTES = 8 * 1024
const ALL: readonly PropagatorName[] = [
  ...(['tracecontext', 'baggage', 'xray', 'b3', 'b3multi', 'jaeger', 'ottrace'] as const),
]
const formats = createPropagation(ALL)
const folder = new URL('../../fixtures/events/', import.meta.url).pathname
const headOf = (event: unknown): string => JSON.stringify(event).slice(0, HEAD_BYTES)

/** All that an invocation asks of its event, before the answer and after it. */
function readAll(event: unknown, bytes: number, head?: string): Trigger {
  const trigger = detectTrigger(event, 'fn', bytes, head)
  const { batch } = trigger
  const found = extractParent({
    carriers: trigger.carriers,
    records: batch?.records,
    recordCount: batch?.count,
    relation: trigger.relation,
    clientContext: undefined,
    traceHeader: undefined,
    formats,
  })
  for (const record of batch?.records ?? []) record.describe()
  trigger.hops?.()
  trigger.describeLate?.()
  return Object.assign(trigger, { linkCount: found.links.length })
}

interface Counts {
  lists: number
  reads: number
}

/** The same event, which counts how often the names of one of its objects are listed, and how often one is read. */
function watch(value: unknown, counts: Counts): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy = Array.isArray(value)
    ? value.map(each => watch(each, counts))
    : Object.fromEntries(Object.entries(value).map(([name, each]) => [name, watch(each, counts)]))
  return new Proxy(copy, {
    ownKeys(target) {
      counts.lists++
      return Reflect.ownKeys(target)
    },
    get(target, name, receiver) {
      counts.reads++
      return Reflect.get(target, name, receiver)
    },
    getOwnPropertyDescriptor(target, name) {
      counts.reads++
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
    has(target, name) {
      counts.reads++
      return Reflect.has(target, name)
    },
  })
}

function countOf(event: unknown, bytes: number, head?: string): Counts {
  const counts = { lists: 0, reads: 0 }
  readAll(watch(event, counts), bytes, head)
  return counts
}

/** The event with a thousand more names in each of its objects, behind their own. */
function swell(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(swell)
  const more = Array.from({ length: 1000 }, (_, at) => [`hostile-${at}`, []])
  const own = Object.entries(value).map(([name, each]) => [name, swell(each)])
  return Object.fromEntries([...own, ...more])
}

const samples = globSync('*.json', { cwd: folder }).sort()

t.test('of a large event no object is gone over, and its size adds no look at it', async t => {
  const listed = samples.filter(name => {
    const event = JSON.parse(readFileSync(folder + name, 'utf8'))
    const head = headOf(event)
    const plain = countOf(event, LARGE_BYTES, head)
    const swollen = countOf(swell(event), LARGE_BYTES, head)
    if (swollen.reads > plain.reads) t.fail(`${name}: ${plain.reads}, then ${swollen.reads} looks`)
    return plain.lists + swollen.lists > 0
  })
  t.ok(samples.length > 100)
  t.strictSame(listed, [])
})

t.test('small events are gone over: the count above counts', async t => {
  t.ok(countOf(readEvent('msk-index-map'), 1).lists > 0)
})

t.test('a large event is told like a small one', async t => {
  for (const name of samples) {
    const event = JSON.parse(readFileSync(folder + name, 'utf8'))
    const small = readAll(event, 1)
    const large = readAll(event, LARGE_BYTES, headOf(event))
    const attributes = (trigger: Trigger): object => {
      const { 'baton.event.partial': _, ...rest } = {
        ...trigger.attributes,
        ...trigger.describeLate?.().attributes,
      }
      return rest
    }
    t.strictSame(attributes(large), attributes(small), name)
    t.equal(large.spanName, small.spanName, name)
    t.equal(large.batch?.count, small.batch?.count, name)
  }
})

const record = (topic: string, partition: number): object => ({ topic, partition, offset: 1 })
function kafkaEvent(partitions: readonly number[]): Record<string, unknown> {
  const lists = partitions.map(partition => [
    `orders-${partition}`,
    Array.from({ length: 2 }, () => record('orders', partition)),
  ])
  return { eventSource: 'aws:kafka', records: Object.fromEntries(lists) }
}

t.test("a large event's partitions are found by number, as many as 256", async t => {
  const event = kafkaEvent([7, 0, 255, 256])
  // The first list alone goes beyond the text's first part.
  const head = JSON.stringify(event).slice(0, 100)
  const { attributes, spanName, batch } = readAll(event, LARGE_BYTES, head)
  t.equal(spanName, 'process orders')
  t.equal(batch?.count, 6, 'not those of partition 256')
  t.equal(attributes['messaging.batch.message_count'], 6)
  t.equal(attributes['baton.event.partial'], true)
  const whole = readAll(event, 1)
  t.equal(whole.batch?.count, 8)
  t.equal(whole.attributes['baton.event.partial'], undefined)
})

t.test('without the text, or with one that tells of other names, nothing is known', async t => {
  for (const head of [undefined, '', '{"records":{"x-0":[', '{"records":7', 'records']) {
    const { attributes, batch } = readAll(kafkaEvent([0]), LARGE_BYTES, head)
    t.equal(batch?.count, 0)
    t.equal(attributes['baton.event.partial'], true)
  }
})

t.test('a key of an item that the text cuts off is none', async t => {
  const event = readEvent('dynamodb-insert')
  const text = JSON.stringify(event)
  const pointer = (head: string): unknown =>
    readAll(event, LARGE_BYTES, head).describeLate?.().attributes?.['baton.pointer']
  const end = text.indexOf('}', text.indexOf('"Keys"'))
  t.match(pointer(text), [/^[0-9a-f]{32}$/])
  t.equal(pointer(text.slice(0, end)), undefined)
})

t.test('names in a text: any JSON, cut anywhere', async t => {
  const { below, pick, seed } = startRandom()
  t.comment(`seed ${seed}`)
  const texts = ['', 'a', '"', '\\', '{', '}', '":[', ',', 'é\n', '\ud83d\ude00', '"map":{"x":1}']
  const value = (depth: number): unknown => {
    if (depth > 2 || below(3) === 0) return pick([...texts, 7, null, true])
    const values = Array.from({ length: below(4) }, () => value(depth + 1))
    return below(2) === 0 ? values : Object.fromEntries(values.map(each => [pick(texts), each]))
  }
  for (let round = 0; round < 20_000; round++) {
    const map = Object.fromEntries(Array.from({ length: below(5) }, () => [pick(texts), value(0)]))
    const names = Object.keys(map)
    const text = JSON.stringify({ before: 7, map, behind: 'x' }, null, pick([0, 2]))
    const whole = namesInText(text, 'map', 10)
    const cut = namesInText(text.slice(0, below(text.length)), 'map', 10)
    const isPrefix = cut.names.every((name, at) => name === names[at])
    const isRight = JSON.stringify(whole) === JSON.stringify({ names, isCut: false })
    if (!isRight || !isPrefix || !(cut.isCut || cut.names.length === names.length))
      t.fail('other names', { seed, text, whole, cut })
  }
  t.pass('every time')
})
