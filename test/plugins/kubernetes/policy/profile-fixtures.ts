// What the cases of profiles share. Each case has its name, the sections of the file, the request, and the result. The
// test applies the sections in every order of the levels, which must not change the result.

import type { JobSubmission } from '../../../../launcher/plugin.ts'

type LimitType = NonNullable<JobSubmission['resourceLimits']>[number]['type']
export type Amounts = Partial<Record<LimitType, number>>

export interface ProfileCase {
  readonly shows: string
  /** Sections, named as in the file. Those of one level are in the order of the file; the later one wins. */
  readonly sections: ReadonlyArray<readonly [name: string, ...lines: string[]]>
  readonly groups?: readonly string[]
  readonly asks?: Amounts
  /** The resource profile that the job chooses. */
  readonly takes?: string
  readonly image?: string
  readonly runtime?: JobSubmission['runtime']
  readonly places?: ReadonlyArray<{ name: string, value?: string }>
  /** All limits of the resulting job. */
  readonly gives?: Amounts
  readonly givesProfile?: string
  readonly givesPlaces?: ReadonlyArray<{ name: string, value?: string }>
  readonly givesImage?: string
  /** Code of the refusal, and a line of the file that its text must name; empty if no line is the cause. */
  readonly refused?: readonly [code: string, line: string]
  /** Other parts of the refusal. */
  readonly says?: readonly string[]
}

export const all = (...lines: string[]) => ['*', ...lines] as const
export const staff = (...lines: string[]) => ['@staff', ...lines] as const
export const admins = (...lines: string[]) => ['@admins', ...lines] as const
export const ann = (...lines: string[]) => ['ann', ...lines] as const
export const bob = (...lines: string[]) => ['bob', ...lines] as const

/** The resource profiles of all cases. */
export const RESOURCES = `[small]
name=Small
cpus=1
mem-mb=1000

[large]
name=Large
cpus=8
cpus-request=4
mem-mb=16000
placement-constraints=disk:ssd

[gpu]
cpus=4
nvidia-gpus=1
`
