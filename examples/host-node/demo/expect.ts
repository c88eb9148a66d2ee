// Holds what happened against what should have happened, so that the demo is its own test.

import type { ClientJob } from '../../../launcher/client/client.ts'

export class Expectations {
  readonly #failed: string[] = []

  get failed (): readonly string[] { return this.#failed }

  /** Says so at once when something is not as expected, and goes on. */
  that (isTrue: boolean, what: string): void {
    if (isTrue) return
    this.#failed.push(what)
    console.log(`NOT AS EXPECTED: ${what}`)
  }

  /** `facts` are the fields of the job that must have these values. */
  job (job: ClientJob, facts: Partial<ClientJob>): void {
    for (const [field, wanted] of Object.entries(facts)) {
      const found = job[field as keyof ClientJob]
      this.that(
        found === wanted,
        `${job.name}: ${field} is ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)} ` +
        `(${job.message ?? 'no message'})`
      )
    }
  }
}
