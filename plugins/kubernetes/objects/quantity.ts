// Reads the quantities of Kubernetes. Pure.

const SCALE: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60
}

const LAST_DIGIT = '9'.charCodeAt(0)
const NUMBER = /^[+-]?[\d.]+(?:[eE][+-]?\d+)?$/

/** Returns a quantity, such as 250m or 128Mi, as a number. Returns NaN for a text that is no quantity. */
export function parseQuantity (text: string): number {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) > LAST_DIGIT) end--
  const number = text.slice(0, end)
  return NUMBER.test(number) ? Number(number) * (SCALE[text.slice(end)] ?? Number.NaN) : Number.NaN
}
