// Measures contenders alternately, so that other load on the machine affects all of them equally.

import { spreadOf, type Spread } from './statistics.ts'

export const ROUNDS = 5
export const QUICK_ROUNDS = 2

/** Runs A B A B …, after one warm-up of each that is not counted. Each contender returns its measured value. */
export async function byTurns<Name extends string> (
  contenders: Readonly<Record<Name, () => Promise<number>>>,
  rounds = ROUNDS
): Promise<Record<Name, Spread>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map(name => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await contenders[name]()
      if (round > 0) values[name].push(value)
    }
  }
  return Object.fromEntries(names.map(name => [name, spreadOf(values[name])])) as Record<Name, Spread>
}

/** Returns how often per second `work` completes, with `inFlight` calls at the same time. */
export async function perSecond (
  work: () => Promise<unknown>,
  { times, inFlight }: { times: number; inFlight: number }
): Promise<number> {
  const began = performance.now()
  let left = times
  await Promise.all(Array.from({ length: inFlight }, async () => { while (left-- > 0) await work() }))
  return times / (performance.now() - began) * 1000
}
