// The command line of the benchmark.

import { parseArgs } from 'node:util'
import { CONTENDER_NAMES, DEFAULT_NAMES } from './contenders.ts'

export type Options = {
  functions: string[]
  contenders: string[]
  /** Further builds of Baton to compare, traced: name and layer folder. */
  layers: [string, string][]
  rounds: number
  events: number
  warmUp: number
  collectorDelayMs: number
  cpu: number | undefined
  node: string | undefined
  json: string | undefined
}

const USAGE = `usage: npm run bench -- [options]
  --only hello,calls,dynamo,drivers
                                 functions (default: all)
  --contenders ${CONTENDER_NAMES.join(',')}
                                 (default: ${DEFAULT_NAMES.join(',')})
  --layer NAME=FOLDER            another build of Baton, traced; may be repeated
  --rounds 15                    cold starts of each contender on each function
  --events 500                   warm events a round; --warm-up 2000 go before them
  --collector-delay 0            ms that the collector takes to answer
  --cpu 0.3                      a share of one CPU, by cgroup
  --node FILE                    the node that starts everyone (default: the layer's)
  --json FILE                    all samples
  --quick                        5 rounds of 500 + 200 events: a look, not a result`

const FUNCTIONS = ['hello', 'calls', 'dynamo', 'drivers']

/** Throws what is wrong with the command line, in words for the one who typed it. */
export function readOptions(args: string[]): Options {
  try {
    return parseOptions(args)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
  }
}

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: FUNCTIONS.join(',') },
      contenders: { type: 'string', default: DEFAULT_NAMES.join(',') },
      layer: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      events: { type: 'string' },
      'warm-up': { type: 'string' },
      'collector-delay': { type: 'string', default: '0' },
      cpu: { type: 'string' },
      node: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  return {
    functions: readNames('--only', values.only, FUNCTIONS),
    contenders: readNames('--contenders', values.contenders, CONTENDER_NAMES),
    layers: values.layer.map(readLayer),
    rounds: readNumber('--rounds', values.rounds ?? (values.quick ? '5' : '15'), 1),
    events: readNumber('--events', values.events ?? (values.quick ? '200' : '500'), 1),
    warmUp: readNumber('--warm-up', values['warm-up'] ?? (values.quick ? '500' : '2000'), 1),
    collectorDelayMs: readNumber('--collector-delay', values['collector-delay'], 0),
    cpu: values.cpu === undefined ? undefined : readNumber('--cpu', values.cpu, 0.05),
    node: values.node,
    json: values.json,
  }
}

function readNames(option: string, text: string, known: readonly string[]): string[] {
  const names = text.split(',')
  for (const name of names) {
    if (!known.includes(name)) {
      throw new Error(`${option}: expected some of ${known.join(',')}, got "${name}"`)
    }
  }
  return names
}

function readLayer(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw new Error(`--layer: expected NAME=FOLDER, got "${text}"`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function readNumber(option: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least)) {
    throw new Error(`${option}: expected a number >= ${least}, got "${text}"`)
  }
  return value
}
