# Process 1 of a Host, run by bash -e: $1 = its folder (fstab, upper and work folders), $2 = the mount namespace it must not be in.
# /etc and /var are private and writable over this machine's own, so that a daemon runs under its usual paths beside others of
# its kind; /run is empty, the rest is shared. Ends, and with it everything in the host, when its standard input ends.
# In the lab's guest every program that is started costs a tenth of a second: hence one mount for all.
outside=$(readlink /proc/self/ns/mnt)
[ "$outside" != "$2" ] || { echo "not in a mount namespace of its own"; exit 1; }
mount --all --fstab "$1/fstab"
# Addresses serve at once, the wire carries nothing that nobody asked for, and every host can be a router.
cd /proc/sys/net
echo 0 >ipv6/conf/default/accept_dad
echo 0 >ipv6/conf/default/accept_ra
echo 0 >ipv4/conf/default/rp_filter
echo 0 >ipv4/conf/all/rp_filter
echo 0 >ipv4/conf/all/send_redirects
echo 0 >ipv4/conf/default/send_redirects
echo 1 >ipv4/ip_forward
echo 1 >ipv6/conf/all/forwarding
cd /
echo ready
while read -r _; do :; done
