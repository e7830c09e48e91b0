# Sourced by demo, verify and lab/lab: what this machine must have, and how it gets it.
# The names of the Debian packages are written here and nowhere else.

# packages GROUP...: the Debian packages that a part of it-tests needs.
packages() {
  local group
  for group; do
    case $group in
      build) echo maven zsh ;;
      netns) echo iproute2 iptables nftables tcpdump socat iputils-ping util-linux ;;
      strongswan) echo strongswan-charon strongswan-swanctl libstrongswan-standard-plugins libstrongswan-extra-plugins libcharon-extra-plugins libcharon-extauth-plugins softhsm2 opensc ;;
      lab) echo user-mode-linux kmod iproute2 ;;
      registers) echo gcc libc6-dev ;;
      *) echo "packages: no group '$group'" >&2; return 2 ;;
    esac
  done
}

# install GROUP...: installs what is missing; asks the archive only then, so that it works offline once it has worked.
install_packages() {
  local package missing=() names
  names=$(packages "$@") || return
  for package in $names; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  is_root || { echo "These Debian packages are missing and only root can install them: ${missing[*]}" >&2; return 1; }
  echo "Installing ${missing[*]}" >&2
  (
    # A daemon that arrives with its package must not start to serve this machine: policy-rc.d forbids it meanwhile.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      trap 'rm -f $policy' EXIT
      printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
    fi
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -q update && apt-get -q -y --no-install-recommends install "${missing[@]}"; } </dev/null >&2
  )
}

# unpack_packages NAME...: a daemon with all that it needs and this machine lacks, unpacked into it-tests/target/peers/NAME, where the hosts that
# run it lay it over their /usr. For daemons that cannot be installed beside each other (libreswan's package conflicts with strongSwan's) and
# that nothing on this machine needs. Asks the archive once.
unpack_packages() {
  local name tree file
  for name; do
    tree=$PWD/it-tests/target/peers/$name
    [ -e "$tree/unpacked" ] && continue
    is_root || { echo "Only root can ask the archive for $name" >&2; return 1; }
    echo "Unpacking $name" >&2
    rm -rf "$tree"
    mkdir -p "$tree/archives/partial" "$tree/usr"
    apt_get() { apt-get -q -y -o APT::Sandbox::User=root "$@" </dev/null >&2; }
    apt_get update && apt_get --no-install-recommends --download-only -o Dir::Cache::archives="$tree/archives" install "$name" || return
    for file in "$tree"/archives/*.deb; do dpkg-deb --extract "$file" "$tree" || return; done
    rm -r "$tree/archives"
    touch "$tree/unpacked"
  done
}

is_root() { [ "$(id -u)" = 0 ]; }
is_debian() { [ -e /etc/debian_version ] && command -v apt-get >/dev/null; }

# jdk: prints the home of a JDK 25 or newer; a system's own package manager or its owner put it there.
jdk() {
  local home release
  for home in "${JAVA_HOME-}" "$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")" /usr/lib/jvm/* /opt/java/* /opt/jdk*; do
    [ -x "$home/bin/javac" ] && [ -r "$home/release" ] || continue
    release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    [ "${release:-0}" -ge 25 ] && { echo "$home"; return; }
  done
  echo "No JDK 25 found in JAVA_HOME, PATH, /usr/lib/jvm or /opt: install one (for example a Temurin build) and run this again." >&2
  return 1
}

# The flags with which programs of this project run; the same as in pom.xml.
jvm_flags=(--enable-native-access=ALL-UNNAMED -Xshare:auto -XX:+UseSerialGC)

# build GOAL...: Maven, quiet about all but problems; leaves each module's class path for tests in target/test.classpath.
# Warnings are errors here, and Maven's own -q would hide what they say.
build() {
  local log=it-tests/target/build.log
  mkdir -p it-tests/target
  if mvn -B -ntp "$@" dependency:build-classpath -Dmdep.outputFile=target/test.classpath -Dmdep.includeScope=test </dev/null >$log 2>&1; then
    touch it-tests/target/test.classpath
  else
    grep -E '^\[(ERROR|WARNING)\]' $log >&2
    echo "The build failed; all that Maven said is in $PWD/$log" >&2
    return 1
  fi
}

# is_built: whether nothing in the sources is newer than the last build.
is_built() {
  local stamp=it-tests/target/test.classpath
  [ -e "$stamp" ] && [ -z "$(find pom.xml ./*/pom.xml ./*/src -newer "$stamp" -print -quit)" ]
}

# class_path MODULE: the module's classes, its tests and all they need.
class_path() { echo "$PWD/$1/target/test-classes:$PWD/$1/target/classes:$(cat "$1/target/test.classpath")"; }
