import socket, struct, sys, os
what, src, dst = sys.argv[1:4]
v6 = ':' in dst
f = socket.AF_INET6 if v6 else socket.AF_INET
s = socket.socket(f, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
s.settimeout(2)
s.bind((src, 0))
IP6 = socket.IPPROTO_IPV6
if what == 'tos4': s.setsockopt(0, socket.IP_TOS, 0xb8); s.setsockopt(0, socket.IP_TTL, 33)
if what == 'ra': s.setsockopt(0, socket.IP_OPTIONS, bytes([0x94,4,0,0, 1,1,1,0]))
if what == 'lsrr': s.setsockopt(0, socket.IP_OPTIONS, bytes([1,131,7,4])+socket.inet_aton(dst))
if what == 'hopopts': s.setsockopt(IP6, socket.IPV6_HOPOPTS, bytes([0,1, 0x1e,4,1,2,3,4, 0x3e,4,5,6,7,8, 1,0]))
if what == 'dstopts': s.setsockopt(IP6, socket.IPV6_DSTOPTS, bytes([0,0, 0x1e,4,1,2,3,4]))
if what == 'class6': s.setsockopt(IP6, socket.IPV6_TCLASS, 0xb8); s.setsockopt(IP6, socket.IPV6_UNICAST_HOPS, 33)
def sum16(b):
    if len(b) % 2: b += b'\0'
    t = sum(struct.unpack('!%dH' % (len(b)//2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
ok = 1
for seq in (1, 2):
    body = struct.pack('!BBHHH', 128 if v6 else 8, 0, 0, 77, seq) + bytes(range(33))
    if not v6: body = body[:2] + struct.pack('!H', sum16(body)) + body[4:]
    s.sendto(body, (dst, 0))
    try:
        while True:
            d, _ = s.recvfrom(2000)
            if d[0 if v6 else (d[0] & 15)*4] in (0, 129): ok = 0; break
    except TimeoutError: pass
sys.exit(ok)
