import t from 'tap'
import { problemText, type Problem } from '../../../../launcher/lib/problem.ts'
import { parseProfiles } from '../../../../launcher/plugin-kit/profiles.ts'
import { PROFILE_KEYS } from '../../../../plugins/kubernetes/policy/profile-keys.ts'
import { checkRuntimeDelivery, runtimeDeliveryFor } from '../../../../plugins/kubernetes/policy/runtime-delivery.ts'

const runtime = { image: 'r:1', mountPath: '/opt/runtime', delivery: 'auto' } as const
const profiles = parseProfiles(
  PROFILE_KEYS,
  '[*]\nruntime-delivery=init-container\n[@fast]\nruntime-delivery=image-volume\n',
  '/p',
  []
)

t.test("the line of the user's own profile decides", async t => {
  t.match(runtimeDeliveryFor({ profiles }, { user: 'ann', groups: ['fast'] }), {
    value: 'image-volume', file: '/p', line: 4
  })
  t.match(runtimeDeliveryFor({ profiles }, { user: 'ann', groups: [] }), { value: 'init-container', line: 2 })
  const none = parseProfiles(PROFILE_KEYS, '', '/p', [])
  t.equal(runtimeDeliveryFor({ profiles: none }, { user: 'ann', groups: [] }), undefined)
})

t.test('a profile with an image volume needs the path of the components in the image', async t => {
  const problems: Problem[] = []
  checkRuntimeDelivery(profiles, { ...runtime, imagePath: '/opt/r' }, problems)
  checkRuntimeDelivery(profiles, undefined, problems)
  t.strictSame(problems, [])
  checkRuntimeDelivery(profiles, runtime, problems)
  t.strictSame(problems.map(problemText), [
    '/p line 4: runtime-delivery is image-volume, and runtime-image-path is not set; set it to the folder of the ' +
    'runtime image that has the components (/ is the whole image)'
  ])
})
