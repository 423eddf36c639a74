# Mosquitto on that network, and how modules are run beside it and waited for.
options=$(node tests/containers/create-options.js "$scratch/host")
{ read -ra hardened && read -ra volumes; } <<<"$options"
# for one --ulimit podman forgets those of containers.conf
hardened+=(--ulimit=nofile=16384:16384 --ulimit=nproc=32768:32768)
# given NAME: what it says there
given() { printf '%s\n' "${hardened[@]}" | sed -n "s/^--$1=//p"; }
module=(--pull=never --network "ns:/run/netns/$netns" --add-host mosquitto:127.0.0.1 "${hardened[@]}")

# a gateway with a site file and no hub
printf '{ "schema": 1, "gateway": "north-3", "broker": { "host": "mosquitto" }, "webhook": { "url": "http://127.0.0.1:8490/" }, "sources": { "plant": { "topic": "plant/#", "values": "*", "time": "/ts" } } }' >"$scratch/site.json"
chmod 644 "$scratch/site.json"
site=("${module[@]}" -v "$scratch/site.json:/site.json:ro")

# until SECONDS TEXT COMMAND...: tries until it succeeds
until_() {
  local deadline=$((SECONDS + $1)) text=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || fail "$text" "$(podman logs gateway 2>&1)" "$(tail -5 "$scratch"/hub.log 2>/dev/null)"
    sleep "${pause:-0.2}"
  done
}
asked() { inside curl -sS --max-time 10 http://127.0.0.1:9600/metrics >"$scratch/metrics"; }
# total NAME...: of all labels
total() {
  local name sum=0
  for name in "$@"; do sum=$((sum + $(awk -v name="edgegateway_$name" 'index($1, name "{") == 1 { sum += $2 } END { printf "%.0f", sum }' "$scratch/metrics"))); done
  echo "$sum"
}
has_counted() { asked && [ "$(total "$1")" -ge "$2" ]; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# status COMMAND...: runs it and gives the milliseconds until the gateway says on the broker that it is there
status() {
  local begun listener
  grep -qm1 '"state":"online"' < <(inside mosquitto_sub -t "$status_topic" -R -W 120 2>/dev/null) &
  listener=$!
  sleep 0.2
  begun=$(milliseconds)
  "$@" >/dev/null || fail "$* failed" "$(podman logs gateway 2>&1)"
  wait "$listener" || fail "the gateway did not say that it is there" "$(podman logs gateway 2>&1)"
  echo $(($(milliseconds) - begun))
}

# health: runs the HEALTHCHECK of the image; a container without one gives the code 125
health() { code=0 && podman healthcheck run gateway >"$scratch/health" 2>&1 || code=$?; }

printf 'listener 1883 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages 0\n' >"$scratch/mosquitto.conf"
ip netns exec "$netns" mosquitto -c "$scratch/mosquitto.conf" >"$scratch/mosquitto.log" 2>&1 &
started+=($!)
until_ 10 "the broker does not listen" inside mosquitto_pub -n -t up
