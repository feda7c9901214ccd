// How header names are spelled by those who send them. A look-up by each of these costs the same in an object of ten
// names and of a million, where finding a name in any case means to go over all of them.

/** As their own documents write them; neither upper case nor any rule gives these. */
const CANONICAL: Readonly<Record<string, string>> = {
  traceparent: 'TraceParent',
  tracestate: 'TraceState',
  'x-b3-traceid': 'X-B3-TraceId',
  'x-b3-spanid': 'X-B3-SpanId',
  'x-b3-parentspanid': 'X-B3-ParentSpanId',
}

/** Names asked for are few and fixed, but for those that a baggage format makes of the caller's own. */
const MAX_KEPT = 64
const kept = new Map<string, readonly string[]>()

/** The lower-case name itself, then `Traceparent`, `X-Amzn-Trace-Id`, upper case, and its own form where it has one. */
export function spellingsOf(name: string): readonly string[] {
  const known = kept.get(name)
  if (known !== undefined) return known
  const spellings = spell(name)
  if (kept.size < MAX_KEPT) kept.set(name, spellings)
  return spellings
}

function spell(name: string): readonly string[] {
  const spellings = [name, capitalise(name)]
  const train = name.split('-').map(capitalise).join('-')
  for (const spelling of [train, name.toUpperCase(), CANONICAL[name]]) {
    if (spelling !== undefined && !spellings.includes(spelling)) spellings.push(spelling)
  }
  return spellings
}

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
