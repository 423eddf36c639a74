# Stand-ins for Microsoft's SDK and runtime images, without a shell in the runtime's as in the chiseled ones; then our four images, built as by anybody but without a network.

# rootfs NAME ARCHITECTURE PACKAGES: unpacked, nothing of them is executed
rootfs() {
  timeout -k 5 240 mmdebstrap --quiet --variant=extract --architecture="$2" --include="$3" --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr bookworm "$scratch/$1.tar" 2>"$scratch/$1.log" || fail "Debian's packages for $1 were not to be had" "$(cat "$scratch/$1.log")"
}

# base NAME ARCHITECTURE ENV: the packages, with what lies in layer-NAME over them
base() {
  mkdir -p "$scratch/layer-$1"/{etc,root,tmp}
  chmod 1777 "$scratch/layer-$1/tmp"
  printf 'root:x:0:0::/root:/sbin/nologin\napp:x:1654:1654::/:/sbin/nologin\n' >"$scratch/layer-$1/etc/passwd"
  printf 'root:x:0:\napp:x:1654:\n' >"$scratch/layer-$1/etc/group"
  printf 'FROM scratch\nADD %s.tar /\nCOPY layer-%s/ /\nENV %s\n' "$1" "$1" "$3" >"$scratch/$1.Dockerfile"
  podman build -q --network none --arch "$2" --format docker -f "$scratch/$1.Dockerfile" -t "localhost/$1" "$scratch" >/dev/null
  rm -rf "$scratch/$1.tar" "$scratch/layer-$1"
}

# runtime ARCHITECTURE RID: .NET's runtimes out of their NuGet packages, laid out as an installation
runtime() {
  local pack version dotnet=$scratch/layer-$1/usr/share/dotnet
  for name in NETCore AspNetCore; do
    pack=$HOME/.nuget/packages/microsoft.${name,,}.app.runtime.$2
    version=$(find "$pack" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -V | tail -1)
    pack+=/$version/runtimes/$2
    mkdir -p "$dotnet/shared/Microsoft.$name.App/$version"
    find "$pack" -type f -exec cp -t "$dotnet/shared/Microsoft.$name.App/$version" {} +
  done
  mkdir -p "$dotnet/host/fxr/$version"
  mv "$dotnet/shared/Microsoft.NETCore.App/$version/libhostfxr.so" "$dotnet/host/fxr/$version/"
  base "$1" "$1" DOTNET_ROOT=/usr/share/dotnet
}

# image MODULE PLATFORM ARCHITECTURE: the NuGet packages and the SDK come from this machine
image() {
  local begun=$SECONDS name=localhost/${1,,}:$3
  limit=240 podman build -q --pull=never --network none --format docker -v "$HOME/.nuget/packages:/root/.nuget/packages:O" -v "$sdk:/usr/share/dotnet:ro" \
    --build-arg SDK_IMAGE=localhost/sdk --build-arg "BASE_IMAGE=localhost/$3" -f "modules/$1/Dockerfile.$2" -t "$name" . >"$scratch/build.log" 2>&1 || fail "$name is not built" "$(cat "$scratch/build.log")"
  ok "$name: $(($(podman image inspect --format '{{.Size}}' "$name") / 1000000)) MB, of it the base $(($(podman image inspect --format '{{.Size}}' "localhost/$3") / 1000000)) MB; built in $((SECONDS - begun)) s"
}

sdk=$(dirname "$(readlink -f "$(type -P dotnet)")")
libraries=libc6,libgcc-s1,libstdc++6,libssl3,zlib1g,tzdata
rootfs amd64 amd64 $libraries &
rootfs arm64 arm64 $libraries &
rootfs sdk amd64 $libraries,dash,coreutils &
for module in EdgeGateway SensorSimulator; do
  for rid in linux-x64 linux-arm64; do dotnet restore "modules/$module" -p:RuntimeIdentifier=$rid --locked-mode -v quiet; done
done
dotnet tool restore >/dev/null
dotnet build tools/hubstand -c Release -v quiet -nologo
for job in $(jobs -p); do wait "$job"; done

mkdir -p "$scratch/layer-sdk/usr/bin"
ln -s /usr/share/dotnet/dotnet "$scratch/layer-sdk/usr/bin/dotnet"
base sdk amd64 "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1"
runtime amd64 linux-x64
runtime arm64 linux-arm64
for module in EdgeGateway SensorSimulator; do
  image "$module" amd64 amd64
  image "$module" arm64v8 arm64
done

# what only code that was compiled ahead has as the machine in the head of a DLL: that of x64 or arm64, xor .NET's number for Linux
declare -A package=([edgegateway]=Microsoft.ML.OnnxRuntime [sensorsimulator]=MQTTnet) ahead=([amd64]=fd1d [arm64]=d11d)
packages='' libraries=0
for name in {edgegateway,sensorsimulator}:{amd64,arm64}; do
  mounted=$(podman image mount "localhost/$name")
  grep -q '"bomFormat": *"CycloneDX"' "$mounted/app/sbom.cdx.json" && grep -q "\"name\": *\"${package[${name%:*}]}\"" "$mounted/app/sbom.cdx.json" || fail "$name holds no list of its packages"
  packages+=" $(grep -c '"purl"' "$mounted/app/sbom.cdx.json")"
  [ -z "$(find "$mounted/app" -name 'onnxruntime*.dll')" ] || fail "$name holds libraries for Windows"
  for library in "$mounted"/app/*.dll; do
    [ "$(od -An -tx2 -j132 -N2 "$library")" = " ${ahead[${name#*:}]}" ] || fail "${library##*/} of $name was not compiled ahead"
    libraries=$((libraries + 1))
  done
  found=$(find "$mounted" ! -type d -regex '.*\(bin\|app\)/\(\(ba\|da\|a\|k\|z\|c\|tc\)?sh\|busybox\|curl\|wget\)')
  [ -z "$found" ] || fail "$name holds a shell, or what fetches" "$found"
  podman image unmount "localhost/$name" >/dev/null
done
ok "each holds the list of its NuGet packages, CycloneDX, as /app/sbom.cdx.json:$packages of them"
ok "all $libraries of their .NET libraries are compiled ahead (ReadyToRun) for their platform"
# the base is a stand-in; whoever builds without naming one gets what the file says
found=$(grep -L '^ARG BASE_IMAGE=.*-chiseled' modules/*/Dockerfile.*) || true
[ -z "$found" ] || fail "the base has a shell of these:" "$found"
ok "no shell and no curl in them, nor in the bases that their Dockerfiles name"
