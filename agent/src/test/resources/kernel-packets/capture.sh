#!/bin/bash
# Makes packets.txt: packets that a real kernel protected, with the keys. Run from this folder, with a folder OUT to write to:
#   cp exthdr.py OUT && lab --timeout 600 --rw OUT -- ./capture.sh OUT && python3 hex.py OUT/kernel.pcap OUT/cases.txt >packets.txt
# Two namespaces, one veth; each case installs its SAs and policies with `ip xfrm`, sends two pings and listens in between.
# SPI 0x1000 + n is case n from a to b, 0x2000 + n from b to a. Keys are 01 02 03 … (a to b) and 81 82 83 … (b to a).
set -u
out=$1
[ -e /proc/exitcode ] || { echo "only inside the lab guest: it flushes policies" >&2; exit 1; }
ip netns add xupa; ip netns add xupb
ip link add va netns xupa type veth peer name vb netns xupb
for n in a b; do
  ip netns exec xup$n sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.v$n.accept_dad=0 net.ipv4.conf.all.accept_source_route=1 net.ipv4.conf.v$n.accept_source_route=1
  ip -n xup$n link set lo up
  i=1; [ $n = b ] && i=2
  ip -n xup$n addr add 10.9.0.$i/24 dev v$n
  ip -n xup$n addr add fd09::$i/64 dev v$n nodad
  ip -n xup$n addr add 10.$i.0.1/32 dev lo
  ip -n xup$n addr add fd0$i::1/128 dev lo
  ip -n xup$n link set v$n up
done
sleep 2
ip -n xupa route add 10.2.0.1/32 via 10.9.0.2 src 10.1.0.1
ip -n xupb route add 10.1.0.1/32 via 10.9.0.1 src 10.2.0.1
ip -n xupa route add fd02::1/128 via fd09::2 src fd01::1
ip -n xupb route add fd01::1/128 via fd09::1 src fd02::1
ip netns exec xupa ping -c1 -W2 10.9.0.2 >/dev/null || echo "no v4"
ip netns exec xupa ping -c1 -W2 fd09::2 >/dev/null || echo "no v6"
ip netns exec xupb tcpdump -i vb -U -s0 -w $out/kernel.pcap 'esp or ah or (ip6 and (ip6[6]==0 or ip6[6]==43 or ip6[6]==60))' 2>/dev/null &
dump=$!
sleep 1
: >$out/cases.txt
key() { # octets first
  local i s=0x; for ((i=0;i<$1;i++)); do s+=$(printf %02x $((($2+i)&255))); done; echo $s; }
n=0
# one NAME PROTO MODE OUTER(4|6) INNER(4|6) ESN(0|1) PROBE  algorithm words with @K for key of K octets
one() {
  local name=$1 proto=$2 mode=$3 outer=$4 inner=$5 esn=$6 probe=$7; shift 7
  n=$((n+1))
  local fwd=() rev=() w
  for w in "$@"; do case $w in
    @*) fwd+=($(key ${w#@} 1)); rev+=($(key ${w#@} 129));; *) fwd+=("$w"); rev+=("$w");; esac; done
  local a b ia ib
  if [ $outer = 4 ]; then a=10.9.0.1 b=10.9.0.2; else a=fd09::1 b=fd09::2; fi
  if [ $mode = transport ]; then ia=$a ib=$b
  elif [ $inner = 4 ]; then ia=10.1.0.1 ib=10.2.0.1; else ia=fd01::1 ib=fd02::1; fi
  local spif=$((0x1000+n)) spir=$((0x2000+n)) flags=()
  [ $esn = 1 ] && flags=(flag esn replay-window 64 replay-seq-hi 7 replay-oseq-hi 7 replay-seq 5 replay-oseq 5)
  [ $esn = 0 ] && flags=(replay-window 32)
  # RFC 4302, 2.2: the AH of IPv4 is a multiple of four octets; the kernel needs to be told
  [ $proto = ah ] && [ $outer = 4 ] && [ $name != ah-align8 ] && flags=("${flags[@]}" flag align4)
  [ $proto = ah ] && [ $outer = 4 ] && [ $esn = 1 ] && flags=(flag align4 flag esn "${flags[@]:2:10}")
  local self=() selr=(); [ $inner != $outer ] && { self=(sel src $ia dst $ib); selr=(sel src $ib dst $ia); }
  for h in xupa xupb; do
    ip -n $h xfrm state flush; ip -n $h xfrm policy flush
    ip -n $h xfrm state add src $a dst $b proto $proto spi $spif reqid 1 mode $mode "${flags[@]}" "${fwd[@]}" "${self[@]}" || { echo "$name: state"; return; }
    ip -n $h xfrm state add src $b dst $a proto $proto spi $spir reqid 1 mode $mode "${flags[@]}" "${rev[@]}" "${selr[@]}" || { echo "$name: state"; return; }
    local o=out i=in; [ $h = xupb ] && { o=in; i=out; }
    local t1=() t2=(); [ $mode = tunnel ] && { t1=(src $a dst $b); t2=(src $b dst $a); }
    ip -n $h xfrm policy add src $ia dst $ib dir $o tmpl "${t1[@]}" proto $proto reqid 1 mode $mode
    ip -n $h xfrm policy add src $ib dst $ia dir $i tmpl "${t2[@]}" proto $proto reqid 1 mode $mode
    if [ $mode = transport ] && [ $outer = 6 ]; then for d in in out; do # neighbour discovery stays in the clear
      for ty in 135 136; do ip -n $h xfrm policy add dir $d proto ipv6-icmp type $ty priority 0 ; done; done; fi
  done
  local ok=yes
  case $probe in
    ping) ip netns exec xupa ping -c2 -i0.2 -W2 -s $((40+n%16)) -I $ia $ib >/dev/null || ok=no;;
    ping-*) ip netns exec xupa ping -c2 -i0.2 -W2 -${probe#ping-} $([ $probe = ping-T ] && echo tsonly) $ib >/dev/null || ok=no;;
    py-*) ip netns exec xupa python3 $out/exthdr.py ${probe#py-} $ia $ib || ok=no;;
  esac
  echo "case $name $proto $mode esn=$esn spi=$(printf %08x $spif) answered=$ok : ${fwd[*]}" >>$out/cases.txt
  echo "case $name $proto $mode esn=$esn spi=$(printf %08x $spir) answered=$ok : ${rev[*]}" >>$out/cases.txt
  [ $ok = yes ] || echo "$name: no answer"
}
gcm='rfc4106(gcm(aes))' ccm='rfc4309(ccm(aes))' gmac='rfc4543(gcm(aes))' cc='rfc7539esp(chacha20,poly1305)'
cbc='cbc(aes)' ctr='rfc3686(ctr(aes))'
one gcm16-128        esp tunnel 4 4 0 ping aead $gcm @20 128
one gcm16-192        esp tunnel 4 4 0 ping aead $gcm @28 128
one gcm16-256        esp tunnel 4 4 0 ping aead $gcm @36 128
one gcm12-128        esp tunnel 4 4 0 ping aead $gcm @20 96
one gcm8-128         esp tunnel 4 4 0 ping aead $gcm @20 64
one gcm16-128-esn    esp tunnel 4 4 1 ping aead $gcm @20 128
one gcm16-4in6       esp tunnel 6 4 0 ping aead $gcm @20 128
one gcm16-6in4       esp tunnel 4 6 0 ping aead $gcm @20 128
one gcm16-6in6       esp tunnel 6 6 0 ping aead $gcm @20 128
one gcm16-transport4 esp transport 4 4 0 ping aead $gcm @20 128
one gcm16-transport6 esp transport 6 6 0 ping aead $gcm @20 128
one ccm16-128        esp tunnel 4 4 0 ping aead $ccm @19 128
one ccm12-192        esp tunnel 4 4 0 ping aead $ccm @27 96
one ccm8-256         esp tunnel 4 4 0 ping aead $ccm @35 64
one ccm16-128-esn    esp tunnel 4 4 1 ping aead $ccm @19 128
one chacha20         esp tunnel 4 4 0 ping aead $cc @36 128
one chacha20-esn     esp tunnel 6 6 1 ping aead $cc @36 128
one gmac-128         esp tunnel 4 4 0 ping aead $gmac @20 128
one gmac-256-esn     esp tunnel 4 4 1 ping aead $gmac @36 128
one cbc128-sha1      esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'hmac(sha1)' @20 96
one cbc192-sha256    esp tunnel 4 4 0 ping enc $cbc @24 auth-trunc 'hmac(sha256)' @32 128
one cbc256-sha256    esp tunnel 4 4 0 ping enc $cbc @32 auth-trunc 'hmac(sha256)' @32 128
one cbc128-sha384    esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'hmac(sha384)' @48 192
one cbc128-sha512    esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'hmac(sha512)' @64 256
one cbc128-md5       esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'hmac(md5)' @16 96
one cbc128-xcbc      esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'xcbc(aes)' @16 96
one cbc128-cmac      esp tunnel 4 4 0 ping enc $cbc @16 auth-trunc 'cmac(aes)' @16 96
one cbc128-sha256-esn esp tunnel 4 4 1 ping enc $cbc @16 auth-trunc 'hmac(sha256)' @32 128
one cbc128-sha256-transport6-esn esp transport 6 6 1 ping enc $cbc @16 auth-trunc 'hmac(sha256)' @32 128
one ctr128-sha256    esp tunnel 4 4 0 ping enc $ctr @20 auth-trunc 'hmac(sha256)' @32 128
one ctr256-sha512-esn esp tunnel 6 4 1 ping enc $ctr @36 auth-trunc 'hmac(sha512)' @64 256
one null-sha256      esp tunnel 4 4 0 ping enc 'ecb(cipher_null)' '' auth-trunc 'hmac(sha256)' @32 128
one null-sha1-esn    esp transport 4 4 1 ping enc 'ecb(cipher_null)' '' auth-trunc 'hmac(sha1)' @20 96
one 3des-sha1        esp tunnel 4 4 0 ping enc 'cbc(des3_ede)' @24 auth-trunc 'hmac(sha1)' @20 96
one camellia128-sha256 esp tunnel 4 4 0 ping enc 'cbc(camellia)' @16 auth-trunc 'hmac(sha256)' @32 128
one camellia256-sha512 esp tunnel 6 6 0 ping enc 'cbc(camellia)' @32 auth-trunc 'hmac(sha512)' @64 256
for mode in tunnel transport; do for f in 4 6; do for esn in 0 1; do
one ah-sha256-$mode-$f-esn$esn ah $mode $f $f $esn ping auth-trunc 'hmac(sha256)' @32 128
done; done; done
one ah-md5           ah transport 4 4 0 ping auth-trunc 'hmac(md5)' @16 96
one ah-sha1          ah transport 4 4 0 ping auth-trunc 'hmac(sha1)' @20 96
one ah-sha384        ah transport 6 6 0 ping auth-trunc 'hmac(sha384)' @48 192
one ah-sha512        ah transport 6 6 0 ping auth-trunc 'hmac(sha512)' @64 256
one ah-xcbc          ah transport 4 4 0 ping auth-trunc 'xcbc(aes)' @16 96
one ah-cmac          ah transport 6 6 0 ping auth-trunc 'cmac(aes)' @16 96
one ah-align8        ah transport 4 4 0 ping auth-trunc 'hmac(sha256)' @32 128
one ah-4in6          ah tunnel 6 4 0 ping auth-trunc 'hmac(sha256)' @32 128
one ah-6in4          ah tunnel 4 6 0 ping auth-trunc 'hmac(sha256)' @32 128
one ah-record-route  ah transport 4 4 0 ping-R auth-trunc 'hmac(sha256)' @32 128
one ah-timestamp     ah transport 4 4 0 ping-T auth-trunc 'hmac(sha256)' @32 128
one ah-tos           ah transport 4 4 0 py-tos4 auth-trunc 'hmac(sha256)' @32 128
one ah-lsrr          ah transport 4 4 0 py-lsrr auth-trunc 'hmac(sha256)' @32 128
one ah-router-alert  ah transport 4 4 0 py-ra auth-trunc 'hmac(sha256)' @32 128
one ah-hopopts       ah transport 6 6 0 py-hopopts auth-trunc 'hmac(sha256)' @32 128
one ah-dstopts       ah transport 6 6 0 py-dstopts auth-trunc 'hmac(sha256)' @32 128
one ah-class6        ah transport 6 6 0 py-class6 auth-trunc 'hmac(sha256)' @32 128
one esp-hopopts      esp transport 6 6 0 py-hopopts aead $gcm @20 128
one esp-dstopts      esp transport 6 6 0 py-dstopts aead $gcm @20 128
one esp-options      esp transport 4 4 0 py-ra aead $gcm @20 128
sleep 1
kill $dump; wait $dump 2>/dev/null
