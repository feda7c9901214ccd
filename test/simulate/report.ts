// The outcomes as tables: one long one for the terminal, three short ones for docs/shipping.md.
import { startRandom } from '../helpers/random.ts'
import { drawLoad, type Load } from './fleet.ts'
import { PATTERNS } from './patterns.ts'
import { CONTENDERS, type Contender, DELAYS, EXPORTS_MS, judge, type Outcome } from './policies.ts'

/** What the tables in the documents were made with. */
export const SEED = 1

/** The collector that the documents speak of; others are in the long table. */
export const DOCUMENTED_EXPORT_MS = 25

/** Patterns in which the longest delay decides. */
const BUSY: readonly string[] = ['1 a second', '10 a second', 'bursts', 'a day']

export interface Drawn {
  readonly name: string
  readonly load: Load
}

export function drawAll(seed: number): Drawn[] {
  return PATTERNS.map(pattern => ({
    name: pattern.name,
    load: drawLoad(pattern, startRandom(seed)),
  }))
}

/** Every pattern, collector and policy; a line each. */
export function* renderAll(drawn: readonly Drawn[], seed: number): Generator<string> {
  const titles = [
    'policy',
    'billed ms',
    'p50',
    'p99',
    'exports',
    'late %',
    'lost %',
    'unconfirmed %',
  ]
  for (const { name, load } of drawn)
    for (const exportMs of EXPORTS_MS) {
      yield `\n${name}, ${load.arrivals.length} events, collector ${exportMs} ms\n${columns(titles)}`
      for (const contender of [...CONTENDERS, ...DELAYS]) {
        const outcome = judge(load, contender.policy, exportMs, seed)
        yield columns([
          contender.name,
          outcome.billedAddedMs.toFixed(2),
          duration(outcome.p50Ms),
          duration(outcome.p99Ms),
          outcome.requests.toFixed(2),
          outcome.latePercent.toFixed(2),
          outcome.lostPercent.toFixed(2),
          outcome.unconfirmedPercent.toFixed(2),
        ])
      }
    }
}

/** The documents' tables by name; each stands there between a comment with that name and one that says end. */
export function renderDocuments(drawn: readonly Drawn[]): Map<string, string> {
  const ten = drawn.find(({ name }) => name === '10 a second')
  if (ten === undefined) throw new Error('expected the pattern "10 a second", got none')
  const busy = drawn.filter(({ name }) => BUSY.includes(name))
  const titles = (first: string): string[] => [
    first,
    ...CONTENDERS.map(({ name }) => `\`${name}\``),
  ]
  const byCollector = EXPORTS_MS.map(exportMs => [
    `${exportMs} ms`,
    ...CONTENDERS.map(({ policy }) => cost(judge(ten.load, policy, exportMs, SEED))),
  ])
  return new Map([
    ['policies', table([titles('events'), ...rows(drawn, CONTENDERS, cost)])],
    ['collectors', table([titles('collector'), ...byCollector])],
    ['delays', table([['events', ...DELAYS.map(({ name }) => name)], ...rows(busy, DELAYS, cost)])],
    ['lost', table([titles('events'), ...rows(drawn, CONTENDERS, loss)])],
  ])
}

/** The document with these tables in the places that bear their names. */
export function withTables(document: string, tables: ReadonlyMap<string, string>): string {
  let text = document
  for (const [name, table] of tables) {
    const opening = `<!-- ${name} -->\n`
    const from = text.indexOf(opening)
    const to = text.indexOf('<!-- end -->', from)
    if (from === -1 || to === -1)
      throw new Error(`expected <!-- ${name} --> and <!-- end -->, got none`)
    text = `${text.slice(0, from)}${opening}\n${table}\n\n${text.slice(to)}`
  }
  return text
}

function rows(
  drawn: readonly Drawn[],
  contenders: readonly Contender[],
  cell: (outcome: Outcome) => string,
): string[][] {
  return drawn.map(({ name, load }) => [
    name,
    ...contenders.map(({ policy }) => cell(judge(load, policy, DOCUMENTED_EXPORT_MS, SEED))),
  ])
}

/** Billed milliseconds added to an invocation · half of the spans visible after · 99 of 100 visible after. */
function cost({ billedAddedMs, p50Ms, p99Ms }: Outcome): string {
  return `${billedAddedMs.toFixed(2)} · ${duration(p50Ms)} · ${duration(p99Ms)}`
}

/** Per cent late · per cent lost · exports for an invocation. */
function loss({ latePercent, lostPercent, requests }: Outcome): string {
  return `${latePercent.toFixed(2)} · ${lostPercent.toFixed(2)} · ${requests.toFixed(2)}`
}

/** Columns as wide as their widest cell, as the other documents have them. */
function table(rows: readonly (readonly string[])[]): string {
  const [titles = []] = rows
  const widths = titles.map((_, column) =>
    Math.max(...rows.map(cells => cells[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = line(widths.map(width => '-'.repeat(width)))
  return [line(titles), rule, ...rows.slice(1).map(line)].join('\n')
}

/** In the unit that people say it in. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(2))} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

function columns(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(10) : cell.padStart(14))).join('')
}
