// The ways in which the runtime components of the host get into the container of a job. Pure.

/**
 * The values of runtime-delivery. `image-volume`: the image is mounted. `init-container`: its program copies the
 * components. `auto`: an image volume if the cluster is known to support it, else an init container.
 */
export const RUNTIME_DELIVERIES = ['auto', 'image-volume', 'init-container'] as const
export type RuntimeDelivery = (typeof RUNTIME_DELIVERIES)[number]

interface Wanted {
  readonly delivery: RuntimeDelivery
  /** runtime-image-path. An image volume needs it. */
  readonly imagePath?: string
}

/** Whether the components are to be mounted. `supported`: the cluster is known to support image volumes. */
export function usesImageVolume ({ delivery, imagePath }: Wanted, supported: boolean): boolean {
  return delivery === 'image-volume' || (delivery === 'auto' && imagePath !== undefined && supported)
}
