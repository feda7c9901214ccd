// Where the build says what it does.

/** Takes one line. */
export type Report = (line: string) => void
