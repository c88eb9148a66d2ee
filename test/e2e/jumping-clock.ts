// Loaded into a launcher before its own code (--import): its clock is as many milliseconds ahead as the file CLOCK_FILE
// says.

import { readFileSync } from 'node:fs'
import { moveClock } from '../fixtures/move-clock.ts'

moveClock(() => Number(readFileSync(process.env.CLOCK_FILE!, 'utf8')))
