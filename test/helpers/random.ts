// Random numbers that come again: a fuzz test prints its seed, and BATON_FUZZ_SEED runs it once more with the same.

export interface Random {
  readonly seed: number
  /** From 0 up to 1, without 1. */
  next(): number
  /** A whole number from 0 up to `count`, without `count`. */
  below(count: number): number
  pick<T>(list: readonly T[]): T
}

/** Mulberry32: small, and the same numbers from the same seed everywhere. */
export function startRandom(
  seed: number = Number(process.env.BATON_FUZZ_SEED ?? Date.now() % 2 ** 31),
): Random {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return { seed, next, below, pick: list => list[below(list.length)] as (typeof list)[number] }
}
