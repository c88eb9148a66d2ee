// The keys of launcher.kubernetes.conf about the runtime components of the host, each with the setting from which it is
// rendered.

import { Type } from 'typebox'
import { setting, type SettingTexts } from '../../../launcher/plugin.ts'
import { IMAGE_FORM } from '../../../launcher/lib/image-name.ts'
import { RUNTIME_DELIVERIES } from './runtime-delivery.ts'
import { runtimeImage } from './runtime-image.ts'

/** The empty folder into which the program of the runtime image copies the components. Jobs do not see this path. */
export const RUNTIME_COPY_TARGET = '/mnt/rstudio-connect-runtime'

export const RUNTIME_KEYS = Type.Object({
  'host-version': Type.Optional(
    Type.String({
      heading:
        'Runtime components that the host adds to the container of every job: the image that copies them, which has ' +
        "the host's version, and their path.",
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$',
      'x-expected': 'a version in the form of an image tag (letters, digits, _ . and -)',
      description: 'Version of the host. The image of its runtime components must have it as its tag.',
      ...setting('HostVersion')
    })
  ),
  'runtime-init-image': Type.Optional(
    Type.String({
      minLength: 1,
      'x-expected': IMAGE_FORM,
      description:
        `Image whose program copies the runtime components of the host into ${RUNTIME_COPY_TARGET}; host-version is ` +
        'its tag if it has none. Without it jobs get no runtime components.',
      ...setting('RuntimeInitImage', {
        description:
          `Image whose program copies the host's runtime components into ${RUNTIME_COPY_TARGET}; its tag is the ` +
          'HostVersion if it has none. Without it jobs get no runtime components.'
      }),
      text: ({ RuntimeInitImage: image, HostVersion: version }: SettingTexts) => {
        const decided = image === undefined ? undefined : runtimeImage(image, version, 'HostVersion')
        return decided !== undefined && 'image' in decided ? decided.image : image
      }
    })
  ),
  'runtime-mount-path': Type.String({
    pattern: '^(/[^/:\\u0000]+)+$',
    'x-expected': 'an absolute path without : and without / at its end',
    default: '/opt/rstudio-connect-runtime',
    description: 'Path of the runtime components in the containers of jobs, which can only read them.',
    ...setting('RuntimeMountPath', { type: 'path' })
  }),
  'runtime-delivery': Type.Enum([...RUNTIME_DELIVERIES], {
    ...{ type: 'string', default: 'auto' },
    description:
      'How jobs get the runtime components: image-volume, init-container or auto, which is an image volume if ' +
      'runtime-image-path is set and the cluster is known to support it. runtime-delivery of the profiles has ' +
      'precedence.',
    ...setting('RuntimeDelivery', {
      description:
        'How jobs get the runtime components: image-volume, init-container or auto, which is an image volume if ' +
        'RuntimeImagePath is set and the cluster is known to support it. runtime-delivery of the profiles has ' +
        'precedence.'
    })
  }),
  'runtime-image-path': Type.Optional(
    Type.String({
      pattern: '^/(?!(.*/)?\\.\\.?(/|$))([^/:\\u0000]+(/[^/:\\u0000]+)*)?$',
      'x-expected': 'an absolute path without :, without . and .. as a part, and without / at its end',
      description:
        'Folder of the runtime image that has the components, for an image volume; / is the whole image. Jobs do not ' +
        'see this path.',
      ...setting('RuntimeImagePath')
    })
  )
})
