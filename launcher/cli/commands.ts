// All subcommands, in the order of the help text.

import { check } from './check.ts'
import { clusters } from './clusters.ts'
import type { Command } from './command.ts'
import { control } from './control.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { jobs } from './jobs.ts'
import { output } from './output.ts'
import { render } from './render.ts'
import { run } from './run.ts'
import { serve } from './serve.ts'
import { show } from './show.ts'
import { submit } from './submit.ts'

export const COMMANDS: readonly Command[] = [
  serve,
  render,
  check,
  doctor,
  run,
  submit,
  explain,
  jobs,
  show,
  output,
  control,
  clusters
]
