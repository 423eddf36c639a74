# An air gap: images leave by file, signed, and come to life in another storage without a network (docs/air-gap.md).
ssh-keygen -q -t ed25519 -N '' -C ada -f "$scratch/ada"
ssh-keygen -q -t ed25519 -N '' -C eve -f "$scratch/eve"
echo "ada $(cut -d' ' -f1,2 "$scratch/ada.pub")" >"$scratch/signers"
export CONTAINER_ENGINE=podman
limit=120
said=$(timeout -k 5 120 deployment/air-gap/save "$scratch/stick" "$scratch/ada" localhost/edgegateway:amd64 localhost/sensorsimulator:amd64 2>&1) || fail "the images are not saved" "$said"
use_storage "$scratch/far"
load() { inside timeout -k 5 120 deployment/air-gap/load "$scratch/stick" "$scratch/signers" ada; }
said=$(load 2>&1) || fail "what was saved is not loaded" "$said"
ok "saved, signed, verified, loaded: $(du -sm "$scratch/stick" | cut -f1) MB on the stick"

# A model by file, sealed for a group and signed as the root asks for (docs/modelkit.md): without the group's key it is refused, and once that is granted it is opened, proven and judges.
dotnet build tools/modelkit -c Release -v quiet -nologo
people=$scratch/people stick=$scratch/stick
mkdir -p "$people" "$scratch/site"
echo 'correct horse battery staple' >"$people/passphrase"
modelkit() { dotnet tools/modelkit/bin/Release/net10.0/modelkit.dll "$@" >"$scratch/modelkit" 2>&1 || fail "modelkit $1 $2 failed" "$(cat "$scratch/modelkit")"; }
key() { modelkit keys new "$1" "$2" --out "$people" --passphrase-file "$people/passphrase"; }
sign() { modelkit package sign "$1" --key "$people/$2.key.age" --passphrase-file "$people/passphrase"; }
valid=(--issued 2026-01-01 --expires 2100-01-01)
key signing ada && key signing eve && key group line-a
modelkit keys root --version 1 --root "$people/ada.pub" --root-threshold 1 --release "$people/eve.pub" --release-threshold 1 "${valid[@]}" --out "$people"
sign "$people/root.1.json" ada
modelkit package pack modules/EdgeGateway/models/phi-sensor --name phi-sensor --release 2 "${valid[@]}" --golden tests/recordings/00.csv --out "$people/draft"
modelkit package seal "$people/draft" --to "$people/line-a.1.recipient" --out "$stick/phi-sensor-2"
sign "$stick/phi-sensor-2/manifest.json" eve

cp "$people/root.1.json" "$scratch/site/root.json"
printf '{ "schema": 1, "gateway": "north-3", "broker": { "host": "mosquitto" }, "updates": { "root": "/site/root.json", "proof": { "windows": 200 } }, "sources": { "plant": { "topic": "plant/#", "values": "*", "time": "/ts" } } }' >"$scratch/site/gateway.json"
chmod -R a+rX "$scratch/site" "$stick"
podman run -d --name gateway "${module[@]}" -v "$scratch/site:/site:ro" -v far-data:/data localhost/edgegateway:amd64 --config /site/gateway.json >/dev/null
podman run -d --name simulator "${module[@]}" localhost/sensorsimulator:amd64 plant --host mosquitto --speed 60 --for 300s >/dev/null
installed() { podman exec gateway /app/EdgeGateway model list | grep -q "$1"; }
until_ 30 "the inbox is not made" podman cp "$stick/phi-sensor-2" gateway:/data/inbox/
until_ 60 "the package in the inbox is not looked at" installed 'refused: release 2 .* (group): It is for line-a, this device belongs to none'
own=$(podman exec gateway /app/EdgeGateway keys)
printed() { awk -v name="$1" '$1 == name { print $2 }' <<<"$own"; }
printf '{ "group": "line-a", "members": [ { "device": "gw", "fingerprint": "%s", "confirmedBy": "Ada" } ] }' "$(printed fingerprint)" >"$people/members.json"
printf '[ { "device": "gw", "key": "%s" } ]' "$(printed key)" >"$people/reported.json"
modelkit keys grant "$people/line-a.1.identity.age" --members "$people/members.json" --reported "$people/reported.json" --out "$stick" --passphrase-file "$people/passphrase"
chmod a+r "$stick/line-a.1.grant.age"
podman cp "$stick/line-a.1.grant.age" gateway:/data/inbox/
granted() { podman exec gateway /app/EdgeGateway keys | grep -q 'line-a epoch 1'; }
until_ 30 "the grant in the inbox is not taken" granted
until_ 120 "the sealed model is not activated" installed '^model: phi-sensor release 2 [0-9a-f]*$'
ok "a sealed model by file, without a hub: $(podman exec gateway /app/EdgeGateway model list | tr -s '\n ' ' '), with $(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$(podman inspect --format '{{.State.Pid}}' gateway)/status") of 512 MiB at most"
podman rm -f -t 10 simulator >/dev/null
podman rm -f -t 10 gateway >/dev/null
podman rmi -fa >/dev/null

# stays_out TEXT: nothing is loaded, and it says why
stays_out() {
  if said=$(load 2>&1) || ! grep -qF "$1" <<<"$said" || [ -n "$(podman images -q)" ]; then fail "loaded, or not a word of: $1" "$said"; fi
  ok "not loaded: $(grep -F "$1" <<<"$said")"
}
printf x | dd of="$scratch/stick/localhost-edgegateway-amd64.tar" bs=1 seek=5000 conv=notrunc status=none
stays_out "is not what was signed"
(cd "$scratch/stick" && sha256sum ./*.tar | sed 's, \./, ,' >SHA256SUMS)
stays_out "is not signed by ada"
rm "$scratch/stick/SHA256SUMS.sig"
stays_out "holds no signed list of images"
ssh-keygen -q -Y sign -f "$scratch/eve" -n edgegateway-air-gap "$scratch/stick/SHA256SUMS" 2>/dev/null
stays_out "is not signed by ada"
use_storage "$scratch"
