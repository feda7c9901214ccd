// Figures as a plain table: a block per function, a line per metric, three columns per contender.

import { cpus, loadavg, release } from 'node:os'
import type { Sample } from './run.ts'
import { median, pairedRatio } from './statistics.ts'

/** Samples by contender, one per round, in the order of the rounds. */
export type Samples = Map<string, Sample[]>

type Metric = { key: keyof Sample; label: string; digits: number }

const METRICS: readonly Metric[] = [
  { key: 'coldCpuMs', label: 'cold CPU, ms', digits: 1 },
  { key: 'coldWallMs', label: 'cold wall, ms', digits: 1 },
  { key: 'coldResponseMs', label: 'cold to response, ms', digits: 1 },
  { key: 'initCpuMs', label: 'CPU at first next, ms', digits: 1 },
  { key: 'initWallMs', label: 'wall at first next, ms', digits: 1 },
  { key: 'settledCpuMs', label: 'cold CPU, settled, ms', digits: 1 },
  { key: 'peakRssMib', label: 'peak RSS, MiB', digits: 1 },
  { key: 'warmResponseUs', label: 'warm to response, µs', digits: 0 },
  { key: 'warmNextUs', label: 'warm to next, µs', digits: 0 },
  { key: 'warmCpuUs', label: 'warm CPU an event, µs', digits: 0 },
]
const LABEL_WIDTH = 24
const COLUMN_WIDTH = 9

/** One block of the table; ratios refer to `reference`, which has none itself. */
export function renderBlock(title: string, samples: Samples, reference: string): string {
  const names = [...samples.keys()]
  const columns = (name: string): string[] =>
    name === reference ? ['median', 'min'] : ['median', 'min', 'ratio']
  const lines = [
    title.padEnd(LABEL_WIDTH) +
      names.map(name => name.padStart(columns(name).length * COLUMN_WIDTH)).join(''),
    ''.padEnd(LABEL_WIDTH) + names.flatMap(columns).map(column).join(''),
  ]
  for (const metric of METRICS) {
    const cells = names.flatMap(name => {
      const values = pick(samples, name, metric.key)
      const cell = [median(values), Math.min(...values)].map(value => value.toFixed(metric.digits))
      if (name === reference) return cell
      return [...cell, pairedRatio(values, pick(samples, reference, metric.key)).toFixed(2)]
    })
    lines.push(metric.label.padEnd(LABEL_WIDTH) + cells.map(column).join(''))
  }
  for (const name of names) {
    const bytes = median(pick(samples, name, 'exportBytes'))
    const requests = median(pick(samples, name, 'exportRequests'))
    if (requests > 0) lines.push(`${name} exported ${bytes} bytes in ${requests} requests a run`)
  }
  return lines.join('\n')
}

/** The machine and the moment, without which no figure means anything. */
export function describeMachine(nodeVersion: string): Record<string, string> {
  const all = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    node: nodeVersion,
    cpu: `${all[0]?.model.trim() ?? 'unknown'}, ${all.length} cores`,
    system: `${process.platform} ${release()} ${process.arch}`,
    load: loadavg()
      .map(load => load.toFixed(2))
      .join(' '),
  }
}

function pick(samples: Samples, name: string, key: keyof Sample): number[] {
  return (samples.get(name) ?? []).map(sample => sample[key])
}

function column(text: string): string {
  return text.padStart(COLUMN_WIDTH)
}
