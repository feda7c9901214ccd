// Baggage as an object of OpenTelemetry's API, from W3C's text and back. The tracer itself carries the text.
import type { Baggage, BaggageEntry } from '@opentelemetry/api'
import { parseBaggage } from '../propagation/baggage.ts'

class ApiBaggage implements Baggage {
  readonly #entries: ReadonlyMap<string, BaggageEntry>

  constructor(entries: ReadonlyMap<string, BaggageEntry>) {
    this.#entries = entries
  }

  getEntry(key: string): BaggageEntry | undefined {
    const entry = this.#entries.get(key)
    return entry && { ...entry }
  }

  getAllEntries(): [string, BaggageEntry][] {
    return [...this.#entries].map(([key, entry]) => [key, { ...entry }])
  }

  setEntry(key: string, entry: BaggageEntry): Baggage {
    return new ApiBaggage(new Map(this.#entries).set(key, entry))
  }

  removeEntry(key: string): Baggage {
    return this.removeEntries(key)
  }

  removeEntries(...keys: string[]): Baggage {
    return new ApiBaggage(new Map([...this.#entries].filter(([key]) => !keys.includes(key))))
  }

  clear(): Baggage {
    return new ApiBaggage(new Map())
  }
}

/** Texts of baggage objects, which never change. */
const texts = new WeakMap<Baggage, { readonly text: string | undefined }>()

/** `undefined` where there is none. */
export function readBaggage(text: string | undefined): Baggage | undefined {
  if (text === undefined) return undefined
  const entries = new Map<string, BaggageEntry>()
  for (const member of text.split(',')) {
    const [pair = '', ...properties] = member.split(';')
    const at = pair.indexOf('=')
    if (at === -1) continue
    const metadata = properties.join(';').trim()
    entries.set(decode(pair.slice(0, at).trim()), {
      value: decode(pair.slice(at + 1).trim()),
      ...(metadata !== '' && { metadata: metadataOf(metadata) }),
    })
  }
  const baggage = new ApiBaggage(entries)
  // As it came, as long as nobody changes it.
  texts.set(baggage, { text })
  return baggage
}

/** W3C's text, within its limits, of the baggage of any copy of the API; `undefined` when nothing is left of it. */
export function writeBaggage(baggage: Baggage | undefined): string | undefined {
  if (baggage === undefined) return undefined
  const known = texts.get(baggage)
  if (known !== undefined) return known.text
  const members = baggage.getAllEntries().map(([key, { value, metadata }]) => {
    const properties = metadata === undefined ? '' : `;${metadata}`
    return `${encodeURIComponent(key)}=${encodeURIComponent(value)}${properties}`
  })
  const text = parseBaggage(members.join())
  texts.set(baggage, { text })
  return text
}

/** Copies of the API mark theirs by a symbol that each of them has for itself, and read the text only. */
const metadataOf = (text: string): NonNullable<BaggageEntry['metadata']> =>
  ({ toString: () => text }) as NonNullable<BaggageEntry['metadata']>

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
