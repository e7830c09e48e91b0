package org.xfrmagent.agent.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.control.ViciTarget;
import org.xfrmagent.agent.credentials.CertificateTarget;
import org.xfrmagent.agent.eap.EapTarget;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.fuzz.IsakmpTarget;
import org.xfrmagent.agent.fuzz.MessageTarget;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;

/** What long fuzzing runs begin with: our own messages, as two simulated hosts said them. */
public final class Corpus {
    private Corpus() {}

    /** Writes the seeds of each target into a folder of its name below {@code arguments[0]}. */
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<Class<?>, List<byte[]>> target : seeds().entrySet()) {
            Path folder = Files.createDirectories(Path.of(arguments[0], target.getKey().getSimpleName()));
            for (int i = 0; i < target.getValue().size(); i++) {
                Files.write(folder.resolve("seed-" + i), target.getValue().get(i));
            }
        }
    }

    /** Inputs by the target that they are for. */
    static Map<Class<?>, List<byte[]>> seeds() {
        Map<Class<?>, List<byte[]>> seeds = new LinkedHashMap<>();
        List<byte[]> messages = new ArrayList<>();
        List<byte[]> mad = new ArrayList<>();
        converse(messages, mad);
        seeds.put(MessageTarget.class, messages);
        seeds.put(MadPeerTarget.class, mad);
        seeds.put(IsakmpTarget.class, datagrams(new World(Policies.moon().v1(), Policies.sun().v1())));
        seeds.put(ViciTarget.class, ViciTarget.seeds());
        seeds.put(EapTarget.class, EapTarget.seeds());
        seeds.put(CertificateTarget.class, CertificateTarget.seeds());
        return seeds;
    }

    private static List<byte[]> datagrams(World world) {
        live(world.established(1));
        return world.network.seen.stream().map(sighting -> sighting.datagram().toArray()).toList();
    }

    private static void live(World world) {
        world.moon.rekeyChildren("net");
        world.sun.rekeyIkeSas();
        world.network.run(20_000);
        world.moon.down("sun");
        world.network.run(20_000);
    }

    private static void converse(List<byte[]> messages, List<byte[]> mad) {
        World world = new World(Policies.moon().mobike(), Policies.sun().mobike(), 1);
        world.network.interceptor = (to, path, datagram) -> {
            messages.add(datagram.toArray());
            Forger forger = new Forger(to);
            Optional<IkeSa> sa = forger.ikeSa(datagram);
            sa.flatMap(keys -> forger.open(keys, datagram)).ifPresent(content -> {
                messages.add(Bytes.concat(Bytes.of((byte) content.firstInner()), content.chain()).toArray());
                Header header = content.header();
                ExchangeType.byNumber(header.exchange()).filter(_ -> !header.response())
                        .ifPresent(exchange -> mad.add(MadPeerTarget.input(exchange, content.firstInner(), content.chain())));
            });
            return List.of(datagram);
        };
        live(world.established(1));
    }
}
