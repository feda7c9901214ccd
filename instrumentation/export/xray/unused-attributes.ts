// A span's attributes on their way into X-Ray's fields: what a field was made of is not told a second time.
import type { DecodedAttributes, DecodedValue } from '../otlp-values.ts'
import { toText } from '../plain-values.ts'

/** X-Ray's limit for texts without a limit of their own. */
const MAX_TEXT_CHARACTERS = 250

export class UnusedAttributes {
  readonly #unused: Map<string, DecodedValue>

  /** Of a key that comes twice the last counts. */
  constructor(attributes: DecodedAttributes) {
    this.#unused = new Map(attributes)
  }

  /** What no field was made of so far. */
  get rest(): ReadonlyMap<string, DecodedValue> {
    return this.#unused
  }

  /** The value, which stays unused. */
  peek(key: string): string | undefined {
    const value = this.#unused.get(key)
    return value === undefined ? undefined : toText(value)
  }

  /** The value as text; one that had to be cut stays unused, so that it is whole somewhere. */
  text(key: string, maxCharacters: number = MAX_TEXT_CHARACTERS): string | undefined {
    const whole = this.peek(key)
    if (whole === undefined || whole === '') return undefined
    const text = whole.slice(0, maxCharacters).toWellFormed()
    if (text === whole) this.#unused.delete(key)
    return text
  }

  /** The value if it is a finite number. */
  number(key: string): number | undefined {
    const value = this.#unused.get(key)
    if (typeof value !== 'bigint' && typeof value !== 'number') return undefined
    if (!Number.isFinite(Number(value))) return undefined
    this.#unused.delete(key)
    return Number(value)
  }
}

/** Without fields that have no value; `undefined` when none has. */
export function unlessEmpty<T extends object>(
  fields: {
    readonly [K in keyof T]: T[K] | undefined
  },
): Partial<T> | undefined {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Partial<T>)
}
