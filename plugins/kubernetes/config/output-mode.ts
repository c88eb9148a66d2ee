// The values of the key output. Pure.

/** `data`: files in the data of the host. `node`: logs of the nodes. `auto`: `data` if the launcher sees the data. */
export const OUTPUT_MODES = ['auto', 'data', 'node'] as const
export type OutputMode = (typeof OUTPUT_MODES)[number]
