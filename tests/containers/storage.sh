# A storage and settings of podman's own: nothing of the machine's is used or changed. runc, cgroupfs and the limits are what works where the machine is itself a container.
use_storage() {
  mkdir -p "$1"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/graph"\nrunroot = "%s/run"\n' "$1" "$1" >"$1/storage.conf"
  printf '[containers]\ndefault_ulimits = ["nofile=16384:16384", "nproc=32768:32768"]\nlog_driver = "k8s-file"\n[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' >"$1/containers.conf"
  export CONTAINERS_STORAGE_CONF=$1/storage.conf CONTAINERS_CONF=$1/containers.conf
}

# A network of loopback alone, which the containers share with broker and hub.
ip netns add "$netns"
ip -n "$netns" link set lo up
inside() { ip netns exec "$netns" "$@"; }

# arm64 by emulation: programs of that platform run through qemu, also in containers.
if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
  printf %s "$(cat /usr/lib/binfmt.d/qemu-aarch64.conf)" >/proc/sys/fs/binfmt_misc/register
  touch "$scratch/binfmt"
fi

use_storage "$scratch"
