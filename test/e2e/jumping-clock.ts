// Loaded into a launcher before its own code (--import): its clock is as many milliseconds ahead as the file CLOCK_FILE says.

import { readFileSync } from 'node:fs'

const real = Date.now
const jumped = (): number => real() + Number(readFileSync(process.env.CLOCK_FILE!, 'utf8'))

Date.now = jumped
globalThis.Date = new Proxy(Date, {
  construct: (target, values, newTarget) => Reflect.construct(target, values.length === 0 ? [jumped()] : values, newTarget)
})
