// The plot of docs/shipping.md: a panel for each pattern, billed time to the right, delay upwards, both logarithmic. The
// best place is bottom left.
import { CONTENDERS, judge } from './policies.ts'
import { DOCUMENTED_EXPORT_MS, type Drawn, SEED } from './report.ts'

const PANEL = { width: 250, height: 190, left: 46, top: 26, right: 26, bottom: 34 }
const TITLE =
  'Billed ms added to an invocation (right) and p99 delay until its spans are visible (up)'
const COLUMNS = 3
const LEGEND_HEIGHT = 64
/** Readable by those who do not see red from green; each has a shape of its own as well. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#777777']
/** What is less lies on the edge. */
const MIN_BILLED_MS = 0.01
const MAX_BILLED_MS = 100
const MIN_DELAY_MS = 10
const MAX_DELAY_MS = 1e8
const X_TICKS: readonly [number, string][] = [
  [0.01, '≤ 0.01'],
  [0.1, '0.1'],
  [1, '1'],
  [10, '10'],
  [100, '100 ms'],
]
const Y_TICKS: readonly [number, string][] = [
  [10, '10 ms'],
  [1e3, '1 s'],
  [6e4, '1 min'],
  [3.6e6, '1 h'],
  [8.64e7, '1 day'],
]

export function drawPlot(drawn: readonly Drawn[]): string {
  const width = COLUMNS * PANEL.width
  const height = LEGEND_HEIGHT + Math.ceil(drawn.length / COLUMNS) * PANEL.height
  const panels = drawn.map((each, index) => {
    const x = (index % COLUMNS) * PANEL.width
    const y = LEGEND_HEIGHT + Math.floor(index / COLUMNS) * PANEL.height
    return `<g transform="translate(${x} ${y})">\n${drawPanel(each)}\n</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">
<title>${TITLE}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${drawLegend()}
${panels.join('\n')}
</svg>
`
}

function drawLegend(): string {
  const title = `<text x="12" y="20" font-size="13">${TITLE}</text>`
  const entries = CONTENDERS.map(
    ({ name }, index) =>
      `${drawMark(index, 20 + index * 90, 44)}<text x="${32 + index * 90}" y="48" font-size="12">${name}</text>`,
  )
  const hint = `<text x="${32 + CONTENDERS.length * 90}" y="48" fill="#555">collector ${DOCUMENTED_EXPORT_MS} ms; bottom left is best</text>`
  return [title, ...entries, hint].join('\n')
}

function drawPanel({ name, load }: Drawn): string {
  const [left, right] = [PANEL.left, PANEL.width - PANEL.right]
  const [top, bottom] = [PANEL.top, PANEL.height - PANEL.bottom]
  const lines = [
    `<text x="${left}" y="${top - 8}" font-size="12" font-weight="bold">${name}</text>`,
    ...X_TICKS.map(
      ([ms, label]) =>
        `<path d="M${toX(ms)} ${top}V${bottom}" stroke="#ddd"/><text x="${toX(ms)}" y="${bottom + 14}" text-anchor="middle" fill="#555">${label}</text>`,
    ),
    ...Y_TICKS.map(
      ([ms, label]) =>
        `<path d="M${left} ${toY(ms)}H${right}" stroke="#ddd"/><text x="${left - 5}" y="${toY(ms) + 3}" text-anchor="end" fill="#555">${label}</text>`,
    ),
    ...CONTENDERS.map(({ policy }, index) => {
      const { billedAddedMs, p99Ms } = judge(load, policy, DOCUMENTED_EXPORT_MS, SEED)
      return drawMark(index, toX(billedAddedMs), toY(p99Ms))
    }).reverse(),
  ]
  return lines.join('\n')
}

/** Circle, square, triangle, diamond, cross: drawn hollow, so that marks on one place are all seen. */
function drawMark(index: number, x: number, y: number): string {
  const style = `fill="${COLORS[index]}" fill-opacity="0.25" stroke="${COLORS[index]}" stroke-width="2"`
  const shapes = [
    `<circle cx="${x}" cy="${y}" r="5" ${style}/>`,
    `<path d="M${x - 6} ${y - 6}h12v12h-12z" ${style}/>`,
    `<path d="M${x} ${y - 7}l7 12h-14z" ${style}/>`,
    `<path d="M${x} ${y - 8}l8 8l-8 8l-8-8z" ${style}/>`,
    `<path d="M${x - 5} ${y - 5}l10 10M${x - 5} ${y + 5}l10-10" ${style}/>`,
  ]
  return shapes[index] ?? ''
}

function toX(ms: number): number {
  const share = logShare(ms, MIN_BILLED_MS, MAX_BILLED_MS)
  return PANEL.left + round(share * (PANEL.width - PANEL.left - PANEL.right))
}

function toY(ms: number): number {
  const share = logShare(ms, MIN_DELAY_MS, MAX_DELAY_MS)
  return PANEL.height - PANEL.bottom - round(share * (PANEL.height - PANEL.top - PANEL.bottom))
}

function logShare(value: number, min: number, max: number): number {
  const bounded = Math.min(max, Math.max(min, value))
  return Math.log(bounded / min) / Math.log(max / min)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
