// A value that does not show itself when it is printed or logged; bootstrap/values.ts makes them.

export interface Secret<T> {
  reveal(): T
}
