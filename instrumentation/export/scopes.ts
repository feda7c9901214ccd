// Spans of several scopes in one buffer. Baton's own spans have the scope of the batch; one of another's begins with its
// scope, as a field that no `Span` has, and is put among its like when a request is made. Who does not know of it, a
// decoder of the journal or of another format, skips the field and loses nothing but the scope.
//
//   0x12 LENGTH  0xa2 0x06 LENGTH scope  rest of the span        (field 2 of ScopeSpans; field 100 of Span)

/** Field number, far beyond those of the specification. */
export const SCOPE_MARK = 100
/** Its tag as it stands in the bytes. */
const MARK_FIRST = 0xa2
const MARK_SECOND = 0x06

/** Spans of one scope. */
export interface ScopeGroup {
  /** The scope's message; `undefined` for that of the batch. */
  readonly scope: Uint8Array | undefined
  /** `scope_spans.spans` entries, several in one piece. */
  readonly entries: Uint8Array[]
  /** Spans without the head of an entry. */
  readonly bare: Uint8Array[]
}

/** The groups in the order of their first spans. */
export function splitByScope(spans: Uint8Array): readonly ScopeGroup[] {
  const groups = new Map<string, ScopeGroup>()
  const reader = { bytes: spans, at: 0 }
  /** Where the entries begin that have no mark and were not added to a group yet. */
  let own = 0
  while (reader.at < spans.length) {
    const start = reader.at++
    const end = readLength(reader) + reader.at
    if (spans[reader.at] === MARK_FIRST && spans[reader.at + 1] === MARK_SECOND) {
      addOwn(groups, spans.subarray(own, start))
      own = end
      reader.at += 2
      const length = readLength(reader)
      const scope = spans.subarray(reader.at, reader.at + length)
      groupOf(groups, scope).bare.push(spans.subarray(reader.at + length, end))
    }
    reader.at = end
  }
  addOwn(groups, spans.subarray(own))
  if (groups.size === 0) groupOf(groups, undefined)
  return [...groups.values()]
}

function addOwn(groups: Map<string, ScopeGroup>, entries: Uint8Array): void {
  if (entries.length > 0) groupOf(groups, undefined).entries.push(entries)
}

function groupOf(groups: Map<string, ScopeGroup>, scope: Uint8Array | undefined): ScopeGroup {
  const key = scope === undefined ? '' : scope.join()
  const known = groups.get(key)
  if (known !== undefined) return known
  const group = { scope, entries: [], bare: [] }
  groups.set(key, group)
  return group
}

/** A varint; what it measures begins where the reader then is. */
function readLength(reader: { readonly bytes: Uint8Array; at: number }): number {
  let size = 0
  let shift = 0
  let byte: number
  do {
    byte = reader.bytes[reader.at++] ?? 0
    size |= (byte & 0x7f) << shift
    shift += 7
  } while (byte > 0x7f)
  return size
}
