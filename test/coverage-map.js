export default test => test.replace(/^test\//, '').replace(/\.test\.ts$/, '.ts')
