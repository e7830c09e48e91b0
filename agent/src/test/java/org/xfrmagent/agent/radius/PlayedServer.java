package org.xfrmagent.agent.radius;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.engine.core.RadiusServer;

/** A server of RADIUS on this host: hears questions and answers as the test says, each time the same way. */
final class PlayedServer implements AutoCloseable {
    static final Bytes SECRET = Bytes.hex("74657374696e67313233");

    private final DatagramSocket socket;
    private final List<Bytes> heard = Collections.synchronizedList(new ArrayList<>());
    private final Function<Bytes, Optional<Bytes>> script;

    /** @param script from a question to the answer's octets, empty for silence */
    PlayedServer(Function<Bytes, Optional<Bytes>> script) throws IOException {
        this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.script = script;
        var _ = Thread.ofVirtual().start(this::serve);
    }

    private void serve() {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[RadiusPacket.LONGEST], RadiusPacket.LONGEST);
                socket.receive(packet);
                Bytes question = Bytes.of(packet.getData(), 0, packet.getLength());
                heard.add(question);
                Optional<Bytes> answer = script.apply(question);
                if (answer.isPresent()) {
                    byte[] octets = answer.get().toArray();
                    socket.send(new DatagramPacket(octets, octets.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    RadiusServer server() {
        InetSocketAddress at = (InetSocketAddress) socket.getLocalSocketAddress();
        return new RadiusServer(at, at, Secret.copyOf(SECRET));
    }

    List<Bytes> heard() {
        return List.copyOf(heard);
    }

    /** An answer of a server that knows {@code secret}, with a Message-Authenticator unless {@code bare}. */
    static Bytes answer(Bytes question, RadiusCode code, Bytes secret, boolean bare, RadiusAttribute... attributes) {
        List<RadiusAttribute> all = new ArrayList<>(Arrays.asList(attributes));
        if (!bare) {
            all.add(new RadiusAttribute(RadiusAttribute.MESSAGE_AUTHENTICATOR, Bytes.of(new byte[16])));
        }
        ByteWriter out = new ByteWriter().u8(code.number()).u8(question.u8(1)).u16(0).bytes(question.slice(4, 20));
        all.forEach(each -> out.u8(each.type()).u8(2 + each.value().length()).bytes(each.value()));
        out.setU16(2, out.length());
        Bytes open = out.toBytes();
        if (!bare) {
            open = Bytes.concat(open.slice(0, open.length() - 16), Hashes.hmacMd5(Secret.copyOf(secret), open));
        }
        Bytes seal = Hashes.md5(open, Secret.copyOf(secret), Bytes.empty());
        return Bytes.concat(open.slice(0, 4), seal, open.from(20));
    }

    /** RFC 2548, section 2.4.2. */
    static RadiusAttribute mppe(int type, Bytes key, Bytes question) {
        Bytes salt = Bytes.hex("8001");
        byte[] plain = Arrays.copyOf(Bytes.concat(Bytes.of((byte) key.length()), key).toArray(), (1 + key.length() + 15) / 16 * 16);
        Bytes before = Bytes.concat(question.slice(4, 20), salt);
        for (int at = 0; at < plain.length; at += 16) {
            Bytes pad = Hashes.md5(Bytes.empty(), Secret.copyOf(SECRET), before);
            for (int i = 0; i < 16; i++) {
                plain[at + i] ^= (byte) pad.u8(i);
            }
            before = Bytes.of(plain, at, 16);
        }
        return vendor(type, Bytes.concat(salt, Bytes.of(plain)));
    }

    static RadiusAttribute vendor(int type, Bytes value) {
        return new RadiusAttribute(
                RadiusAttribute.VENDOR_SPECIFIC,
                new ByteWriter().i32(RadiusAttribute.VENDOR_MICROSOFT).u8(type).u8(2 + value.length()).bytes(value).toBytes());
    }

    @Override
    public void close() {
        socket.close();
    }
}
