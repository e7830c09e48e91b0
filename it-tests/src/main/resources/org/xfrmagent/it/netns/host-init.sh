# Process 1 of a Host, run by bash -e: $1 = the lab's folder for this host, $2 = the mount namespace it must not be in.
# /etc, /usr and /var are private and writable over this machine's own, so that a daemon runs under its usual paths beside
# others of its kind; /run is empty, the rest is shared. Ends, and with it everything in the host, when its standard input ends.
[ "$(readlink /proc/self/ns/mnt)" != "$2" ] || { echo "not in a mount namespace of its own"; exit 1; }
mount -t tmpfs -o mode=755 host "$1"
for tree in etc usr var; do
    mkdir "$1/$tree" "$1/$tree.work"
    mount -t overlay -o lowerdir=/$tree,upperdir="$1/$tree",workdir="$1/$tree.work" host /$tree
done
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock
mount -t sysfs sys /sys
ip link set lo up
# Addresses serve at once, and the wire carries nothing that nobody asked for.
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra
echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter
echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
echo 0 >/proc/sys/net/ipv4/conf/all/send_redirects
echo 0 >/proc/sys/net/ipv4/conf/default/send_redirects
echo ready
while read -r _; do :; done
