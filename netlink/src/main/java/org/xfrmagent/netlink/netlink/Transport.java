package org.xfrmagent.netlink.netlink;

import java.io.IOException;
import org.xfrmagent.netlink.linux.NetlinkPort;

/** Datagrams to and from the kernel: a {@link NetlinkPort}, or a script in tests. */
interface Transport extends AutoCloseable {
    void send(byte[] data, int length) throws IOException;

    /** One datagram; empty if {@code timeoutMillis} is over. */
    byte[] receive(int timeoutMillis) throws IOException;

    /** The number that the kernel knows the sender by; 0 if it is not said. */
    default int number() {
        return 0;
    }

    @Override
    void close();

    static Transport of(NetlinkPort port) throws IOException {
        int number = port.number();
        return new Transport() {
            @Override
            public void send(byte[] data, int length) throws IOException {
                port.send(data, length);
            }

            @Override
            public byte[] receive(int timeoutMillis) throws IOException {
                return port.receive(timeoutMillis);
            }

            @Override
            public int number() {
                return number;
            }

            @Override
            public void close() {
                port.close();
            }
        };
    }
}
