# Bad starts: a gateway with a site file and no hub, on volumes as they should not be, and killed while it starts.
printf '{ "schema": 1, "gateway": "north-3", "broker": { "host": "mosquitto" }, "sources": { "plant": { "topic": "plant/#", "values": "*", "time": "/ts" } } }' >"$scratch/site.json"
chmod 644 "$scratch/site.json"
status_topic=edgegateway/north-3/status
site=("${module[@]}" -v "$scratch/site.json:/site.json:ro")

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

took=$(status podman run -d --name gateway "${site[@]}" -v site-data:/data localhost/edgegateway:amd64 --config /site.json)
refused 1 "another gateway runs on it; give each a folder of its own, or stop the other one first" -v site-data:/data

for try in $(seq 20); do
  podman rm -f -t 0 gateway >/dev/null
  podman run -d --name gateway "${site[@]}" -v site-data:/data localhost/edgegateway:amd64 --config /site.json >/dev/null
  sleep "$(awk -v try="$try" -v took="$took" 'BEGIN { print (try - 1) / 20 * took / 1000 }')"
  podman kill -s KILL gateway >/dev/null 2>&1 || fail "it ended by itself" "$(podman logs gateway 2>&1)"
done
again=$(status podman start gateway)
! podman logs gateway 2>&1 | grep -qiE 'damaged|could not be used' || fail "a kill left something damaged" "$(podman logs gateway 2>&1)"
ok "killed in 20 places of a start, which took $took ms before; the next one is there after $again ms"

# backup and restore as in docs/backup.md
data=$(podman volume inspect -f '{{.Mountpoint}}' site-data)
podman pause gateway >/dev/null
tar -C "$data" --numeric-owner -czpf "$scratch/backup.tgz" --exclude=./gateway.lock --exclude=./support .
podman unpause gateway >/dev/null
podman stop -t 10 gateway >/dev/null
find "$data" -mindepth 1 -delete
tar -C "$data" --numeric-owner -xzpf "$scratch/backup.tgz"
again=$(status podman start gateway)
! podman logs gateway 2>&1 | grep -qiE 'damaged|could not be used' || fail "the copy of a volume cannot be used" "$(podman logs gateway 2>&1)"
ok "a copy of the volume, made while the container was paused and put back in its place: $again ms to the status"
podman rm -f -t 10 gateway >/dev/null

podman run -d --name gateway "${site[@]}" --read-only=false localhost/edgegateway:amd64 --config /site.json >/dev/null
until_ 20 "a gateway without a volume does not say so" sh -c 'timeout 10 podman logs gateway 2>&1 | grep -q "mount a volume there"'
ok "without a volume, on a root that can be written, it says: $(podman logs gateway 2>&1 | grep 'mount a volume there')"
podman rm -f -t 10 gateway >/dev/null
