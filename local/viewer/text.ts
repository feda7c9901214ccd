// Text that is safe to print and of known width. Names and attributes come from outside: a control character in one
// could move the cursor, change the title or hide what was printed before it.

// Controls (C0, DEL, C1), invisible and direction-changing characters, line and paragraph separators, private use,
// unassigned, and halves of surrogate pairs. Joiners stay: without them an emoji of several parts falls apart.
const UNPRINTABLE = /(?!\u200d)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu

// Two columns wide in a terminal: emoji, and the East Asian scripts with their punctuation and full-width forms.
const WIDE =
  /\p{Emoji_Presentation}|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\ufe0f/u

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The text with everything that does not print spelled out, as `\n`, `\x1b` or `\u{202e}`. */
export function makePrintable(text: string): string {
  return text.replaceAll(UNPRINTABLE, char => {
    const code = char.codePointAt(0) ?? 0
    if (char === '\n') return '\\n'
    if (char === '\r') return '\\r'
    if (char === '\t') return '\\t'
    const hex = code.toString(16)
    return code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`
  })
}

/** Columns of a printable text. */
export function widthOf(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** The text, or as much of it as fits with an ellipsis at its end. */
export function truncate(text: string, width: number): string {
  // Every grapheme is at least one column: what follows can only be cut off, and may be very long.
  if (text.length <= width && widthOf(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of graphemes.segment(text.slice(0, width * 16))) {
    const segmentWidth = WIDE.test(segment) ? 2 : 1
    if (used + segmentWidth > width) return cutLast(kept, width)
    kept += segment
    used += segmentWidth
  }
  return used === widthOf(text) ? kept : cutLast(kept, width)
}

/** Makes room for the ellipsis. */
function cutLast(text: string, width: number): string {
  let kept = text
  while (kept !== '' && widthOf(kept) > width - 1) {
    const segments = [...graphemes.segment(kept)]
    kept = kept.slice(0, segments.at(-1)?.index ?? 0)
  }
  return width > 0 ? `${kept}…` : ''
}

/** Cut or filled with blanks to exactly this width. */
export function fit(text: string, width: number): string {
  const cut = truncate(text, width)
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)))
}
