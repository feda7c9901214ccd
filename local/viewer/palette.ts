// Colours by meaning. Without colour every function gives its text back as it is, so nothing else asks.

export type Paint = (text: string) => string

export interface Palette {
  readonly dim: Paint
  readonly strong: Paint
  readonly error: Paint
  readonly good: Paint
  /** Bars: what came in, what went out, what stayed inside. */
  readonly inbound: Paint
  readonly outbound: Paint
  readonly internal: Paint
}

const plain: Paint = text => text

const sgr =
  (on: number, off: number): Paint =>
  text =>
    text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`

export function createPalette(isColored: boolean): Palette {
  const paint = (on: number, off: number): Paint => (isColored ? sgr(on, off) : plain)
  return {
    dim: paint(2, 22),
    strong: paint(1, 22),
    error: paint(31, 39),
    good: paint(32, 39),
    inbound: paint(36, 39),
    outbound: paint(94, 39),
    internal: paint(35, 39),
  }
}

/** Colour belongs on a terminal whose owner has not asked for none (no-color.org: any value but the empty one). */
export function wantsColor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === ''
}
