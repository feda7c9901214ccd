// Durations for people: three digits and a unit, at most eight characters.

const NS_PER_MS = 1e6

/** `812 ns`, `34.5 µs`, `1.23 ms`, `412 ms`, `1.50 s`, `2 m 05 s`, `3 h 04 m`; `?` when it is below zero. */
export function formatDuration(nanoseconds: bigint): string {
  const ns = Number(nanoseconds)
  if (ns < 0) return '?'
  if (ns < 1000) return `${ns} ns`
  if (ns < NS_PER_MS) return `${threeDigits(ns / 1000)} µs`
  if (ns < 999.5 * NS_PER_MS) return `${threeDigits(ns / NS_PER_MS)} ms`
  const seconds = ns / 1e9
  if (seconds < 59.95) return `${threeDigits(seconds)} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${twoDigits(whole % 60)} s`
  return `${Math.floor(whole / 3600)} h ${twoDigits(Math.floor((whole % 3600) / 60))} m`
}

function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0)
  return value.toFixed(value >= 9.995 ? 1 : 2)
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
