// When events come, and how long the handler works on each. Random where life is, and the same from the same seed.
import type { Random } from '../helpers/random.ts'

export interface Pattern {
  readonly name: string
  /** Sorted, milliseconds. */
  readonly arrivals: (random: Random) => number[]
  /** Of the handler; half of the invocations take longer. */
  readonly medianHandlerMs: number
}

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The day's traffic at its busiest moment; at its quietest, next to nothing. */
const PEAK_PER_SECOND = 3
/** Shape of the heavy tail: below 2 the variance is infinite. */
const TAIL_EXPONENT = 1.1

export const PATTERNS: readonly Pattern[] = [
  { name: 'a lonely call', medianHandlerMs: 30, arrivals: () => every(HOUR_MS, 12 * DAY_MS) },
  { name: 'each minute', medianHandlerMs: 300, arrivals: () => every(MINUTE_MS, DAY_MS) },
  { name: 'two each minute', medianHandlerMs: 30, arrivals: () => pairs(MINUTE_MS, DAY_MS) },
  { name: '1 a second', medianHandlerMs: 30, arrivals: random => poisson(random, 1, 2 * HOUR_MS) },
  {
    name: '10 a second',
    medianHandlerMs: 30,
    arrivals: random => poisson(random, 10, HOUR_MS / 2),
  },
  { name: '10 a second, evenly', medianHandlerMs: 10, arrivals: () => every(100, HOUR_MS / 2) },
  {
    name: '100 a second',
    medianHandlerMs: 30,
    arrivals: random => poisson(random, 100, 3 * MINUTE_MS),
  },
  { name: 'bursts', medianHandlerMs: 30, arrivals: bursts },
  { name: 'a day', medianHandlerMs: 30, arrivals: day },
  { name: 'heavy tail', medianHandlerMs: 30, arrivals: heavyTail },
]

/** A handler's time: log-normal; one in a hundred takes more than six times the median. */
export function handlerMs(random: Random, medianMs: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  return medianMs * Math.exp(0.8 * normal)
}

function every(periodMs: number, lastsMs: number): number[] {
  return Array.from({ length: Math.floor(lastsMs / periodMs) }, (_, index) => index * periodMs)
}

/** Two events, a second apart. */
function pairs(periodMs: number, lastsMs: number): number[] {
  return every(periodMs, lastsMs).flatMap(atMs => [atMs, atMs + SECOND_MS])
}

function exponential(random: Random, meanMs: number): number {
  return -Math.log(1 - random.next()) * meanMs
}

/** Events that know nothing of each other, at a rate that does not change. */
function poisson(random: Random, perSecond: number, lastsMs: number): number[] {
  const arrivals: number[] = []
  let atMs = 0
  while (atMs < lastsMs) {
    arrivals.push(atMs)
    atMs += exponential(random, SECOND_MS / perSecond)
  }
  return arrivals
}

/** 20 to 200 events at 20 a second, then five minutes of nothing, more or less. */
function bursts(random: Random): number[] {
  const arrivals: number[] = []
  let atMs = 0
  while (atMs < DAY_MS / 2) {
    for (let left = 20 + random.below(181); left > 0; left--) {
      arrivals.push(atMs)
      atMs += exponential(random, SECOND_MS / 20)
    }
    atMs += exponential(random, 5 * MINUTE_MS)
  }
  return arrivals
}

/** A rate that follows the sun: candidates at the peak's rate, kept as often as the hour has it. */
function day(random: Random): number[] {
  return poisson(random, PEAK_PER_SECOND, DAY_MS / 4).filter(atMs => {
    const light = (1 - Math.cos((2 * Math.PI * atMs) / (DAY_MS / 4))) / 2
    return random.next() < light ** 4
  })
}

/** Pareto gaps from 50 ms on: most are short, and now and then one is hours. */
function heavyTail(random: Random): number[] {
  const arrivals: number[] = []
  for (let atMs = 0; arrivals.length < 20_000; ) {
    arrivals.push(atMs)
    atMs += 50 * (1 - random.next()) ** (-1 / TAIL_EXPONENT)
  }
  return arrivals
}
