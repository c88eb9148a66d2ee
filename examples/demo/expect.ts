// Compares what happened with what should have happened, which makes the demo its own test.

import type { ClientJob } from '../../launcher/client/client.ts'

export class Expectations {
  readonly #failed: string[] = []

  get failed (): readonly string[] { return this.#failed }

  /** Prints `what` if it is not as expected, and continues. */
  that (isTrue: boolean, what: string): void {
    if (isTrue) return
    this.#failed.push(what)
    console.log(`NOT AS EXPECTED: ${what}`)
  }

  /** `facts` are the fields of the job that must have these values. */
  job (job: ClientJob, facts: Partial<ClientJob>): void {
    for (const [field, wanted] of Object.entries(facts)) {
      const found = job[field as keyof ClientJob]
      const values = `is ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`
      this.that(found === wanted, `${job.name}: ${field} ${values} (${job.message ?? 'no message'})`)
    }
  }
}
