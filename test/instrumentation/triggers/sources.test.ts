// Every sample event against expected.json: what its span is called, whose context it found where, what it says.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import t from 'tap'
import { extractParent } from '../../../instrumentation/propagation/extract-parent.ts'
import { formatTraceparent } from '../../../instrumentation/propagation/trace-context.ts'
import { detectTrigger, listSources } from '../../../instrumentation/triggers/detect.ts'
import type { Hop } from '../../../instrumentation/triggers/hop.ts'
import { readEvent } from './read-event.ts'

interface Expected {
  readonly source: string
  readonly name: string
  readonly kind: string
  /** The parent as a `traceparent`, and the carrier that it was found in. */
  readonly parent?: string
  readonly carrier?: string
  /** Without a parent: what became a link, and where was looked. */
  readonly links?: readonly string[]
  readonly tried?: readonly string[]
  /** Services in front, with when they had it and until when: a time, the next one's `start`, or the `invocation`'s end. */
  readonly inferred?: readonly string[]
  readonly attributes: Record<string, unknown>
}

const TABLE: Record<string, Expected> = JSON.parse(
  readFileSync(new URL('expected.json', import.meta.url), 'utf8'),
)
const KINDS = ['', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']
const FOLDER = new URL('../../fixtures/events/', import.meta.url).pathname

for (const [name, expected] of Object.entries(TABLE)) {
  t.test(`${name}: source, span, parent or links, attributes`, async t => {
    const trigger = detectTrigger(readEvent(name), 'orders')
    const found = extractParent({
      carriers: trigger.carriers,
      records: trigger.batch?.records,
      recordCount: trigger.batch?.count,
      relation: trigger.relation,
      clientContext: undefined,
      traceHeader: undefined,
    })
    const late = trigger.describeLate?.() ?? {}
    t.equal(trigger.source, expected.source)
    t.equal(late.spanName ?? trigger.spanName, expected.name)
    t.equal(KINDS[trigger.spanKind], expected.kind)
    t.equal(trigger.faasTrigger, expected.attributes['faas.trigger'])
    const { parent } = found
    t.equal(parent && formatTraceparent(parent.spanContext), expected.parent)
    t.equal(parent?.carrier, expected.carrier)
    if (parent === undefined) t.strictSame(found.tried, expected.tried)
    const links = [...found.links, ...(late.links ?? [])]
    t.strictSame(
      links.map(({ context }) => formatTraceparent(context)),
      expected.links ?? [],
    )
    const attributes = Object.entries({ ...trigger.attributes, ...late.attributes })
    const known = attributes.filter(([, value]) => value !== undefined)
    t.strictSame(Object.fromEntries(known), expected.attributes)
    t.strictSame((trigger.hops?.() ?? []).map(tell), expected.inferred ?? [])
  })
}

function tell({ service, name, startMs, endMs }: Hop): string {
  const [from, to] = [startMs, endMs].map(time =>
    typeof time === 'number' ? new Date(time).toISOString() : time,
  )
  return `${service}: ${name}, ${from} - ${to}`
}

/** Each way in which one service hands on the events of another. */
const NESTED: Readonly<Record<string, RegExp>> = {
  'SNS in SQS': /^aws.sns aws_sqs$/,
  'EventBridge in SQS': /^aws.eventbridge aws_sqs$/,
  'EventBridge in SNS': /^aws.eventbridge aws.sns$/,
  'EventBridge in SNS in SQS': /^aws.eventbridge aws.sns aws_sqs$/,
  'S3 in SQS': /^aws.s3 aws_sqs$/,
  'S3 in SNS': /^aws.s3 aws.sns$/,
  'S3 in SNS in SQS': /^aws.s3 aws.sns aws_sqs$/,
}

t.test('every nesting has two samples', async t => {
  const paths = Object.values(TABLE).map(({ inferred = [] }) =>
    inferred.map(hop => hop.split(':', 1)[0]).join(' '),
  )
  for (const [name, path] of Object.entries(NESTED))
    t.ok(paths.filter(each => path.test(each)).length >= 2, name)
})

t.test('every sample is in the table, and every source has two of them', async t => {
  const samples = globSync('*.json', { cwd: FOLDER }).map(file => basename(file, '.json'))
  t.strictSame(samples.sort(), Object.keys(TABLE).sort())
  const counts = new Map<string, number>(listSources().map(({ name }) => [name, 0]))
  for (const { source } of Object.values(TABLE)) counts.set(source, (counts.get(source) ?? 0) + 1)
  const lacking = [...counts].filter(([, count]) => count < 2)
  t.strictSame(lacking, [])
  t.equal(counts.size, listSources().length, 'the table names no source that is not there')
})

t.test('nothing private of a sample is recorded', async t => {
  for (const name of Object.keys(TABLE)) {
    const trigger = detectTrigger(readEvent(name), 'orders')
    const late = trigger.describeLate?.() ?? {}
    const told = JSON.stringify([
      trigger.spanName,
      trigger.attributes,
      late,
      trigger.batch?.attributes,
      trigger.batch?.records.map(record => record.describe()),
      trigger.hops?.(),
    ])
    t.notMatch(told, /s3cr3t|SECRET|EXAMPLE|not-a-real-token|someone@|janedoe|\+1555/, name)
  }
})

t.test('what is no value of its documented type takes nothing else along', async t => {
  for (const name of Object.keys(TABLE)) {
    const event = readEvent(name)
    for (const key of Object.keys(event)) {
      for (const value of [null, 7, '', [], {}, [null], true]) {
        const { spanName, attributes } = detectTrigger({ ...event, [key]: value }, 'orders')
        const isNamed = spanName !== '' && !/undefined|null|\[object/.test(spanName)
        if (!isNamed) t.fail(`${name}.${key}: ${spanName}`)
        if (typeof attributes['faas.trigger'] !== 'string') t.fail(`${name}.${key}: no trigger`)
      }
    }
  }
  t.pass('every time')
})
