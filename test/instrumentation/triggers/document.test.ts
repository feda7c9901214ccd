// docs/triggers.md against the code: a row for every source, in the table's order, with what the samples give.
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { detectTrigger, listSources } from '../../../instrumentation/triggers/detect.ts'
import type { Trigger } from '../../../instrumentation/triggers/trigger.ts'

const root = new URL('../../../', import.meta.url).pathname
const KINDS = ['', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']

interface Row {
  readonly source: string
  readonly names: readonly string[]
  readonly kind: string
  readonly faasTrigger: string
  readonly carriers: readonly string[]
}

const codesIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

function documentedRows(): readonly Row[] {
  const [table = ''] =
    readFileSync(`${root}docs/triggers.md`, 'utf8').match(/^\| event[\s\S]*?\n\n/m) ?? []
  const [, , ...lines] = table.trimEnd().split('\n')
  return lines.map(line => {
    const [, source, , names, kind = '', faasTrigger, carriers] = line.split('|')
    return {
      source: codesIn(source)[0] ?? '',
      names: codesIn(names),
      kind: kind.trim(),
      faasTrigger: codesIn(faasTrigger)[0] ?? '',
      carriers: codesIn(carriers),
    }
  })
}

const carriersOf = ({ carriers, batch }: Trigger) => [
  ...carriers,
  ...(batch?.records ?? []).flatMap(record => [
    ...record.carriers(),
    ...(record.innerCarriers?.() ?? []),
  ]),
]

t.test('docs/triggers.md has every source, with what real events give', async t => {
  const samples = globSync('test/fixtures/events/*.json', { cwd: root })
    .sort()
    .map(path => detectTrigger(JSON.parse(readFileSync(root + path, 'utf8')), 'orders'))
  const expected = listSources().map(({ name }): Row => {
    const own = samples.filter(({ source }) => source === name)
    const [first] = own
    return {
      source: name,
      names: [...new Set(own.map(each => each.describeLate?.().spanName ?? each.spanName))].sort(),
      kind: KINDS[first?.spanKind ?? 0] ?? '',
      faasTrigger: first?.faasTrigger ?? '',
      carriers: [...new Set(own.flatMap(carriersOf).map(carrier => carrier.name))],
    }
  })
  t.ok(expected.length > 40)
  t.strictSame(documentedRows(), expected)
})
