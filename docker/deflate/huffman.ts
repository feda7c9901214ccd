// Prefix codes: how long each symbol's code is, by how often it occurs, and the codes that follow from the lengths.

/** Lengths of an optimal code, none above `limit`; 0 for a symbol that does not occur. At least two symbols get a code. */
export function codeLengths(counts: Uint32Array, limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length)
  const used = [...counts.keys()].filter(each => (counts[each] ?? 0) > 0)
  for (let filler = 0; used.length < 2; filler++) if (!used.includes(filler)) used.push(filler)
  used.sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0) || a - b)
  const depths = treeDepths(used.map(each => counts[each] ?? 0))
  limitDepths(depths, limit)
  for (const [index, symbol] of used.entries()) lengths[symbol] = depths[index] ?? 0
  return lengths
}

/** Depths of the leaves of Huffman's tree over weights in rising order. */
function treeDepths(weights: readonly number[]): number[] {
  const count = weights.length
  const total = 2 * count - 1
  const weight = [...weights]
  const parent = new Int32Array(total)
  // Inner nodes arise in rising order, so the two lightest of all are at the heads of two queues.
  let leaf = 0
  let inner = count
  const lightest = (made: number): number =>
    leaf < count && (inner >= made || (weight[leaf] ?? 0) <= (weight[inner] ?? 0))
      ? leaf++
      : inner++
  for (let made = count; made < total; made++) {
    const [a, b] = [lightest(made), lightest(made)]
    weight.push((weight[a] ?? 0) + (weight[b] ?? 0))
    parent[a] = made
    parent[b] = made
  }
  const depth = new Int32Array(total)
  for (let node = total - 2; node >= 0; node--) depth[node] = (depth[parent[node] ?? 0] ?? 0) + 1
  return [...depth.subarray(0, count)]
}

/** Depths in falling order, so that none is above `limit` and they still are those of a tree. */
function limitDepths(depths: number[], limit: number): void {
  // In units of the deepest leaf that may be; a tree has 2 ** limit of them.
  const room = 2 ** limit
  let taken = 0
  for (const [index, depth] of depths.entries()) {
    depths[index] = Math.min(depth, limit)
    taken += 2 ** (limit - (depths[index] ?? 0))
  }
  // A leaf one deeper takes half as much; those of rare symbols first.
  for (let index = 0; taken > room; index = (index + 1) % depths.length) {
    const depth = depths[index] ?? 0
    if (depth >= limit) continue
    depths[index] = depth + 1
    taken -= 2 ** (limit - depth - 1)
  }
  // What is left over then makes frequent symbols shorter.
  for (let index = depths.length - 1; index >= 0; index--)
    for (let depth = depths[index] ?? 0; depth > 1 && taken + 2 ** (limit - depth) <= room; ) {
      taken += 2 ** (limit - depth)
      depth--
      depths[index] = depth
    }
}

/** The codes, in the order in which Deflate writes their bits: reversed. */
export function codesOf(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length)
  let code = 0
  for (let bits = 1; bits <= 15; bits++, code <<= 1)
    for (const [symbol, length] of lengths.entries())
      if (length === bits) codes[symbol] = reverse(code++, bits)
  return codes
}

function reverse(code: number, bits: number): number {
  let reversed = 0
  for (let bit = 0; bit < bits; bit++) if (code & (1 << bit)) reversed |= 1 << (bits - 1 - bit)
  return reversed
}
