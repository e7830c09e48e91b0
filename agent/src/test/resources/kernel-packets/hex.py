"""Usage: hex.py kernel.pcap cases.txt > packets.txt: one line per case, then its packets from the IP header on."""
import struct, sys

data = open(sys.argv[1], 'rb').read()
packets, at = {}, 24
while at < len(data):
    size = struct.unpack_from('<I', data, at + 8)[0]
    ip = data[at + 16 + 14:at + 16 + size]
    at += 16 + size
    if ip[0] >> 4 == 4:
        ip, proto, upper = ip[:struct.unpack_from('!H', ip, 2)[0]], ip[9], (ip[0] & 15) * 4
    else:
        ip, proto, upper = ip[:40 + struct.unpack_from('!H', ip, 4)[0]], ip[6], 40
        while proto in (0, 43, 60):
            proto, upper = ip[upper], upper + (ip[upper + 1] + 1) * 8
    if proto in (50, 51):
        spi = struct.unpack_from('!I', ip, upper + (4 if proto == 51 else 0))[0]
        packets.setdefault(spi, []).append(ip.hex())
print('# Packets that Linux 6.1 protected, made by capture.sh; see there. Keys are made up.')
for line in open(sys.argv[2]):
    words, keys = line.strip().split(' : ')
    words = dict(zip(('name', 'proto', 'mode'), words.split()[1:4])) | dict(w.split('=') for w in words.split()[4:])
    high = '7' if words['esn'] == '1' else '-'
    print('case', words['name'], words['proto'], words['mode'], 'high=' + high, 'spi=' + words['spi'], keys)
    for packet in packets.get(int(words['spi'], 16), []):
        print(packet)
