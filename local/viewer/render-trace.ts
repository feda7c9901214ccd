// A trace as a waterfall for the terminal:
//
//   trace 4bf92f3577b34da6a3ce929d0e0e4736
//   412 ms · 3 spans · orders
//
//   parent 00f067aa0ba902b7 reported elsewhere
//   POST /orders      ██████████████████████████████████████████████   412 ms   201
//   │ cold start · request 8f5c…
//   ├ POST            ▐██▌                                              23 ms   200
//   │   http://127.0.0.1:4566/
//   └ GET                       █████████████████████▌                 208 ms ✗ 503
//       http://127.0.0.1:9000/quote
import type { CollectedSpan, SpanKind } from '../collector/span.ts'
import { drawBar } from './bar.ts'
import { formatDuration } from './duration.ts'
import { readFacts, type SpanFacts, serviceOf } from './facts.ts'
import { createPalette, type Paint, type Palette } from './palette.ts'
import { fit, makePrintable, truncate, widthOf } from './text.ts'
import { layOutTree, type TreeRow } from './trace-tree.ts'

export interface RenderOptions {
  /** Columns of the terminal; taken as 40 when less. */
  readonly width: number
  readonly color: boolean
}

const MIN_WIDTH = 40
const DURATION_WIDTH = 8
/** `✗ 503` */
const STATUS_WIDTH = 5
const MIN_NAME_WIDTH = 12

interface Page {
  readonly palette: Palette
  readonly width: number
  readonly nameWidth: number
  readonly barWidth: number
  readonly startNs: bigint
  readonly totalNs: bigint
  readonly isServiceShown: boolean
}

/** All traces among the spans, the earliest first; `''` when there is none. */
export function renderTraces(spans: readonly CollectedSpan[], options: RenderOptions): string {
  const traces = new Map<string, CollectedSpan[]>()
  for (const span of spans) {
    const trace = traces.get(span.traceId)
    if (trace === undefined) traces.set(span.traceId, [span])
    else trace.push(span)
  }
  return [...traces.values()]
    .sort((a, b) => (earliest(a) < earliest(b) ? -1 : 1))
    .map(trace => renderTrace(trace, options))
    .join('\n')
}

/** The spans of one trace. Ends in a line end; every line is at most `width` columns. */
export function renderTrace(spans: readonly CollectedSpan[], options: RenderOptions): string {
  const rows = layOutTree(spans)
  const services = [...new Set(spans.map(serviceOf))]
  const page = layOutPage(rows, options, services.length > 1)
  const { dim, strong } = page.palette
  const summary = [
    formatDuration(page.totalNs),
    `${spans.length} ${spans.length === 1 ? 'span' : 'spans'}`,
    ...services.map(makePrintable),
  ]
  const lines = [
    `${dim('trace')} ${strong(spans[0]?.traceId ?? '')}`,
    dim(truncate(summary.join(' · '), page.width)),
    '',
    ...rows.flatMap(row => renderRow(row, page)),
  ]
  return `${lines.join('\n')}\n`
}

function layOutPage(
  rows: readonly TreeRow[],
  options: RenderOptions,
  isServiceShown: boolean,
): Page {
  const spans = rows.map(row => row.span)
  const startNs = earliest(spans)
  const endNs = mostOf(spans, span => span.endTimeUnixNano, 1)
  const width = Math.max(MIN_WIDTH, Math.floor(options.width))
  const longest = Math.max(0, ...rows.slice(0, 1000).map(row => widthOf(labelOf(row))))
  const nameWidth = Math.max(MIN_NAME_WIDTH, Math.min(longest, Math.floor(width * 0.4)))
  return {
    palette: createPalette(options.color),
    width,
    nameWidth,
    barWidth: width - nameWidth - DURATION_WIDTH - STATUS_WIDTH - 3,
    startNs,
    totalNs: endNs < startNs ? 0n : endNs - startNs,
    isServiceShown,
  }
}

function renderRow(row: TreeRow, page: Page): string[] {
  const { span } = row
  const { palette, width } = page
  const facts = readFacts(span, page.isServiceShown)
  const columns = [
    paintName(row, page),
    paintBar(span, facts, page),
    formatDuration(span.endTimeUnixNano - span.startTimeUnixNano).padStart(DURATION_WIDTH),
    paintStatus(facts, palette),
  ]
  const rail = clip(row.rail, page.nameWidth)
  const below = width - widthOf(rail)
  const error = facts.error === undefined ? [] : wrap([makePrintable(facts.error)], below)
  const notes = wrap(facts.notes.map(makePrintable), below)
  return [
    ...(row.isOrphan ? [palette.dim(`parent ${span.parentSpanId} reported elsewhere`)] : []),
    columns.join(' ').trimEnd(),
    ...error.map(line => palette.dim(rail) + palette.error(line)),
    ...notes.map(line => palette.dim(rail + line)),
  ]
}

function paintName(row: TreeRow, { palette, nameWidth }: Page): string {
  const branch = clip(row.branch, nameWidth)
  const name = fit(makePrintable(row.span.name), nameWidth - widthOf(branch))
  return palette.dim(branch) + palette.strong(name)
}

function paintBar(span: CollectedSpan, facts: SpanFacts, page: Page): string {
  const at = (ns: bigint): number =>
    page.totalNs === 0n ? 0 : Number(ns - page.startNs) / Number(page.totalNs)
  const from = at(span.startTimeUnixNano)
  const to = page.totalNs === 0n ? 1 : Math.max(from, at(span.endTimeUnixNano))
  const bar = drawBar({ from, to }, page.barWidth)
  return facts.isError ? page.palette.error(bar) : barPaint(span.kind, page.palette)(bar)
}

function barPaint(kind: SpanKind, palette: Palette): Paint {
  if (kind === 'SERVER' || kind === 'CONSUMER') return palette.inbound
  return kind === 'CLIENT' || kind === 'PRODUCER' ? palette.outbound : palette.internal
}

function paintStatus({ status, isError }: SpanFacts, palette: Palette): string {
  const code = truncate(makePrintable(status), STATUS_WIDTH - 2)
  if (isError) return palette.error(`✗ ${code}`)
  return code === '' ? '' : palette.good(`  ${code}`)
}

/** Joins notes to lines of at most `width` columns; a note that is longer alone is cut. */
function wrap(notes: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const note of notes) {
    const last = lines.at(-1)
    const joined = last === undefined ? note : `${last} · ${note}`
    if (last !== undefined && widthOf(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(truncate(note, width))
  }
  return lines
}

/** Deep in a tree the lines leave no room for the name: of those, only the innermost stay. */
function clip(rail: string, nameWidth: number): string {
  const room = nameWidth - MIN_NAME_WIDTH + 4
  return rail.length <= room ? rail : `…${rail.slice(rail.length - room + 1)}`
}

function labelOf(row: TreeRow): string {
  return row.branch + makePrintable(row.span.name).slice(0, 200)
}

function earliest(spans: readonly CollectedSpan[]): bigint {
  return mostOf(spans, span => span.startTimeUnixNano, -1)
}

/** The largest (direction 1) or smallest (-1) of the spans' times. */
function mostOf(
  spans: readonly CollectedSpan[],
  timeOf: (span: CollectedSpan) => bigint,
  direction: 1 | -1,
): bigint {
  const [first] = spans.map(timeOf).sort((a, b) => (a < b ? direction : -direction))
  return first ?? 0n
}
