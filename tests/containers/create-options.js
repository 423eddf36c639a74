// createOptions of the gateway in deployment/manifests/base.json as options of podman, one line of limits and rights and one of volumes: what lies on the host is made in the folder that is named.
// What it does not know ends it, so that nothing is deployed that was not run.
const fs = require('fs');

// the limits of this process: one without CAP_SYS_RESOURCE gives nobody more
const own = fs.readFileSync('/proc/self/limits', 'utf8').match(/^Max locked memory +\S+ +(\S+)/m)[1];
const lockable = bytes => Math.min(bytes, own === 'unlimited' ? Infinity : own);

const known = {
  HostConfig: options => podman(options),
  StopTimeout: seconds => [`--stop-timeout=${seconds}`],
  // podman alone would add writable folders
  ReadonlyRootfs: on => [`--read-only=${on}`, '--read-only-tmpfs=false'],
  CapDrop: names => names.map(name => `--cap-drop=${name}`),
  SecurityOpt: rules => rules.map(rule => `--security-opt=${rule}`),
  Memory: bytes => [`--memory=${bytes}`],
  MemorySwap: bytes => [`--memory-swap=${bytes}`],
  PidsLimit: number => [`--pids-limit=${number}`],
  Ulimits: limits => limits.map(({ Name, Soft, Hard }) => `--ulimit=${Name}=${Name === 'memlock' ? `${lockable(Soft)}:${lockable(Hard)}` : `${Soft}:${Hard}`}`),
  LogConfig: ({ Type, Config }) => [`--log-driver=${Type}`, ...Object.entries(Config).map(([name, value]) => `--log-opt=${name}=${value}`)],
};
function podman(options) {
  return Object.entries(options).flatMap(([name, value]) => {
    if (!known[name]) throw new Error(`createOptions in deployment/manifests/base.json say ${name}; say in ${__filename} what that is in podman's words`);
    return known[name](value);
  });
}

const agent = JSON.parse(fs.readFileSync('deployment/manifests/base.json', 'utf8')).content.modulesContent.$edgeAgent['properties.desired'];
const { HostConfig: { Binds, ...host }, ...options } = JSON.parse(agent.modules.edgeGateway.settings.createOptions);
console.log(podman({ ...options, HostConfig: host }).join(' '));
console.log(Binds.map(bind => {
  if (!bind.startsWith('/')) return `--volume=${bind}`;
  fs.mkdirSync(process.argv[2] + bind.split(':')[0], { recursive: true });
  return `--volume=${process.argv[2]}${bind}`;
}).join(' '));
