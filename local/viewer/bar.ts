// A span's time as a bar, in half columns: twice the resolution of full blocks, with characters every font has.

/** Where a bar starts and ends on a line that stands for the whole trace, both from 0 to 1. */
export interface Extent {
  readonly from: number
  readonly to: number
}

/** Exactly `width` columns. A bar is never invisible: the shortest takes half a column. */
export function drawBar({ from, to }: Extent, width: number): string {
  const halves = width * 2
  const start = Math.min(Math.floor(from * halves), halves - 1)
  const end = Math.min(Math.max(Math.round(to * halves), start + 1), halves)
  let bar = ''
  for (let column = 0; column < width; column++) {
    const isLeft = 2 * column >= start && 2 * column < end
    const isRight = 2 * column + 1 >= start && 2 * column + 1 < end
    if (isLeft) bar += isRight ? '█' : '▌'
    else bar += isRight ? '▐' : ' '
  }
  return bar
}
