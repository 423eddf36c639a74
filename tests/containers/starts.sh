# Bad starts: a gateway with a site file and no hub, on volumes as they should not be, and killed while it starts.
status_topic=edgegateway/north-3/status

# refused CODE TEXT PODMAN-OPTIONS...: it ends with the code and says the text
refused() {
  local code=0 said
  said=$(limit=30 podman run --rm --name refused "${site[@]}" "${@:3}" localhost/edgegateway:amd64 --config /site.json 2>&1) || code=$?
  [ "$code" = "$1" ] && grep -qF "$2" <<<"$said" || fail "exit code $code instead of $1, or not a word of: $2" "$said"
  ok "exit code $code: $(grep -F "$2" <<<"$said" | tail -1)"
}

code=0
said=$(podman run --rm "${module[@]}" localhost/edgegateway:amd64 2>&1) || code=$?
[ "$code" = 2 ] || fail "exit code $code instead of 2 without settings and hub" "$said"
ok "exit code 2: $said"

refused 1 "the file system is read-only, check the volume of the data folder"
podman volume create read-only >/dev/null
refused 1 "the file system is read-only, check the volume of the data folder" -v read-only:/data:ro
mkdir "$scratch/roots"
refused 1 "the user of this process may not write there; give the folder to that user" -v "$scratch/roots:/data"

mkdir "$scratch/full"
mount -t tmpfs -o size=256k,uid=1654,gid=1654 tmpfs "$scratch/full"
head -c 1M /dev/zero >"$scratch/full/others" 2>/dev/null || true
refused 1 "the disk is full, make room on the volume of the data folder" -v "$scratch/full:/data"
umount "$scratch/full"

# A volume with something to lose: sensors that are warm, and alerts that the broker was told of and the webhook was not, for nobody serves it yet.
podman create --name gateway --pidfile "$scratch/pid" "${site[@]}" -v site-data:/data localhost/edgegateway:amd64 --config /site.json >/dev/null
log=$(podman inspect --format '{{.HostConfig.LogConfig.Path}}' gateway)
status podman start gateway >/dev/null
refused 1 "another gateway runs on it; give each a folder of its own, or stop the other one first" -v site-data:/data

# plant SECONDS START: a minute of the plant in each second
plant() { said=$(podman run --rm "${module[@]}" localhost/sensorsimulator:amd64 plant --host mosquitto --speed 60 --for "$1s" --start "$(date -u -d "@$2" +%FT%TZ)" 2>&1) || fail "the simulator failed" "$said"; }
waiting() { podman exec gateway /app/EdgeGateway outbox | awk '$1 == "webhook" { print $2 }'; }
ids() { grep -oE '"id":"[a-z2-7]{20}\.[0-9]+"' "$1" | sort -u; }
is_told() { ids "$scratch/told" && [ "$(waiting)" -gt 0 ]; }

first=$(($(date +%s) - 7200))
inside mosquitto_sub -t edgegateway/north-3/events >"$scratch/told" &
started+=($!)
plant 30 "$first"
until_ 30 "no alert came to the broker and waits for the webhook" is_told
asked
sensors=$(total sensors) held=$(waiting)
podman stop gateway >/dev/null
ids "$scratch/told" >"$scratch/ids"

is_born() { process=$(cat "$scratch/pid") && [ "$(cat "/proc/$process/comm")" = EdgeGateway ]; }
# killed LINE DELAY: starts it and kills it so many seconds after its log has the line, "" for after the process has become the gateway
killed() {
  local starting phase
  rm -f "$scratch/pid"
  : >"$log"
  podman start gateway >/dev/null 2>&1 &
  starting=$!
  pause=0.005 until_ 30 "the container does not start" is_born
  [ -z "$1" ] || pause=0.005 until_ 30 "it does not say: $1" grep -q "$1" "$log"
  sleep "$2"
  kill -KILL "$process" || fail "it ended by itself" "$(cat "$log")"
  wait "$starting" || true
  podman wait gateway >/dev/null
  phase=0
  ! grep -q 'Went on with' "$log" || phase=1
  ! grep -q 'is connected' "$log" || phase=2
  kills[phase]=$((kills[phase] + 1))
}
# whole AFTER: starts it, and it has all that the volume held
whole() {
  : >"$log"
  took=$(status podman start gateway)
  ! grep -qiE 'damaged|could not be used' "$log" && grep -q "Went on with $sensors sensors" "$log" && [ "$(waiting)" -ge "$held" ] || fail "after $1 something is missing: it had $sensors sensors and $held alerts for the webhook" "$(waiting) alerts" "$(cat "$log")"
}

kills=(0 0 0)
for delay in 0 .05 .1 .15 .2 .3 .4 .5; do killed '' "$delay"; done
for delay in 0 .02 .05 .1 .2 .4; do
  killed 'Went on with' "$delay"
  killed 'is connected' "$delay"
done
[ "${kills[0]}" -gt 0 ] && [ "${kills[1]}" -gt 0 ] && [ "${kills[2]}" -gt 0 ] || fail "not killed in each phase of a start: ${kills[*]}"
whole "kills"
ok "killed ${kills[0]} times before it had its state, ${kills[1]} times before it was connected, ${kills[2]} times soon after: the next one is there in $took ms, with its $sensors sensors and $held alerts for a webhook that is away"

# backup and restore as in docs/backup.md
data=$(podman volume inspect -f '{{.Mountpoint}}' site-data)
podman pause gateway >/dev/null
tar -C "$data" --numeric-owner -czpf "$scratch/backup.tgz" --exclude=./gateway.lock --exclude=./support .
podman unpause gateway >/dev/null
podman stop gateway >/dev/null
find "$data" -mindepth 1 -delete
tar -C "$data" --numeric-owner -xzpf "$scratch/backup.tgz"
whole "a copy was put in its place"
ok "a copy of the volume, made while the container was paused and put back in its place: $took ms to the status, with all of that"

inside node -e 'require("http").createServer((question, answer) => { question.pipe(process.stdout, { end: false }); question.on("end", () => answer.writeHead(204).end()); }).listen(8490, "127.0.0.1")' >"$scratch/posted" &
started+=($!)
are_posted() { [ -z "$(comm -23 "$scratch/ids" <(ids "$scratch/posted"))" ]; }
until_ 60 "the webhook is not told what the broker was told before the kills" are_posted
plant 3 $((first + 1800))
until_ 30 "no window is judged after the kills" has_counted windows_judged_total 1
! grep -q '^edgegateway_windows_not_judged_total.*reason="warming"' "$scratch/metrics" || fail "sensors have forgotten what they had learned" "$(cat "$scratch/metrics")"
ok "and lost nothing: the webhook has the $(wc -l <"$scratch/ids") messages that the broker had before, and the next window of a sensor is judged"
podman rm -f -t 10 gateway >/dev/null

podman run -d --name gateway "${site[@]}" --read-only=false localhost/edgegateway:amd64 --config /site.json >/dev/null
until_ 20 "a gateway without a volume does not say so" sh -c 'timeout 10 podman logs gateway 2>&1 | grep -q "mount a volume there"'
ok "without a volume, on a root that can be written, it says: $(podman logs gateway 2>&1 | grep 'mount a volume there')"
podman rm -f -t 10 gateway >/dev/null
