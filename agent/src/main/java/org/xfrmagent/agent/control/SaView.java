package org.xfrmagent.agent.control;

import java.net.InetAddress;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.xfrmagent.agent.daemon.SessionView;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Peer;

/**
 * Sessions and their children as vici's {@code list-sa} shows them. The order of the fields is charon's, and clients count on it:
 * swanctl prints the head of an IKE SA when it meets {@code child-sas}, which therefore comes last.
 */
record SaView(Wording wording) {
    private static final long MILLIS = 1000;
    private static final HexFormat HEX = HexFormat.of();
    private static final String REKEYING = "REKEYING";

    private static final ViciMessage.Key REKEY_TIME = ViciMessage.Key.of("rekey-time");
    private static final ViciMessage.Key REAUTH_TIME = ViciMessage.Key.of("reauth-time");
    private static final ViciMessage.Key LIFE_TIME = ViciMessage.Key.of("life-time");
    private static final ViciMessage.Key INSTALL_TIME = ViciMessage.Key.of("install-time");

    /** What counters of one direction are called. */
    private record CounterKeys(ViciMessage.Key bytes, ViciMessage.Key packets, ViciMessage.Key use) {
        private static final CounterKeys IN = of("in");
        private static final CounterKeys OUT = of("out");

        private static CounterKeys of(String direction) {
            return new CounterKeys(
                    ViciMessage.Key.of("bytes-" + direction), ViciMessage.Key.of("packets-" + direction), ViciMessage.Key.of("use-" + direction));
        }
    }

    /** {@code <ike>{… child-sas{<child>-<serial>{…}}}} with the children given. */
    ViciMessage of(SessionView view, List<ChildSa> children, Map<SaId, Usage> usage) {
        return ViciMessage.of(fields(view, children, usage));
    }

    /** The same, to be written anywhere. */
    Consumer<ViciMessage.Builder> fields(SessionView view, List<ChildSa> children, Map<SaId, Usage> usage) {
        return fields(view, children.iterator(), () -> true, usage);
    }

    /** The same with the children that are left, as long as there is room for another: one finds room always. */
    Consumer<ViciMessage.Builder> fields(SessionView view, Iterator<ChildSa> left, BooleanSupplier room, Map<SaId, Usage> usage) {
        return with(listed(view, left, room, usage), view);
    }

    /** The same with one child that has just gone. */
    ViciMessage withDeleted(SessionView view, ChildSa child, Map<SaId, Usage> usage) {
        return ViciMessage.of(with(list -> list.section(name(child), childSa(child, "DELETED", view, usage)), view));
    }

    private Consumer<ViciMessage.Builder> with(Consumer<ViciMessage.Builder> children, SessionView view) {
        return sa -> sa.section(wording.peer(view.session()), ike -> {
            ikeFields(view, state(view.session())).accept(ike);
            ike.section("child-sas", children);
        });
    }

    /** {@code <child>-<serial>{…}} for each of {@code children}. */
    ViciMessage children(SessionView view, List<ChildSa> children, Map<SaId, Usage> usage) {
        return ViciMessage.of(listed(view, children.iterator(), () -> true, usage));
    }

    private Consumer<ViciMessage.Builder> listed(SessionView view, Iterator<ChildSa> left, BooleanSupplier room, Map<SaId, Usage> usage) {
        return list -> {
            if (left.hasNext()) {
                do {
                    list.framed(new Listed(this, left.next(), view, usage));
                } while (left.hasNext() && room.getAsBoolean());
            }
        };
    }

    /** A child in a listing. */
    private record Listed(SaView words, ChildSa of, SessionView view, Map<SaId, Usage> usage) implements ViciMessage.Framed {
        @Override
        public String name() {
            return words.name(of);
        }

        @Override
        public void before(ViciMessage.Builder out) {
            words.head(out, of, of.state().name());
        }

        @Override
        public void between(ViciMessage.Builder out) {
            progress(out, of, view, usage);
        }

        @Override
        public void after(ViciMessage.Builder out) {
            words.tail(out, of);
        }
    }

    private String name(ChildSa child) {
        return wording.child(child.name()) + "-" + child.serial();
    }

    /** {@code name uniqueid …} of one child, without its name around it. */
    ViciMessage child(SessionView view, ChildSa child, ChildSa.State state, Map<SaId, Usage> usage) {
        return ViciMessage.of(childSa(child, state.name(), view, usage));
    }

    /** {@code local-host local-port remote-host remote-port}. */
    static ViciMessage path(Path path) {
        return ViciMessage.of(out -> out
                .put("local-host", text(path.local())).put("local-port", path.localPort())
                .put("remote-host", text(path.remote())).put("remote-port", path.remotePort()));
    }

    /** The IKE SA's own fields. */
    ViciMessage ikeSa(SessionView view) {
        return ikeSa(view, state(view.session()));
    }

    /** The same of one whose successor has just been made. */
    ViciMessage rekeying(SessionView view) {
        return ikeSa(view, REKEYING);
    }

    private ViciMessage ikeSa(SessionView view, String state) {
        return ViciMessage.of(ikeFields(view, state));
    }

    private Consumer<ViciMessage.Builder> ikeFields(SessionView view, String state) {
        Session session = view.session();
        return ike -> {
            ike.put("uniqueid", session.id()).put("version", session.phase() instanceof PhaseV1 ? 1 : 2).put("state", state);
            ike.put("local-host", text(session.path().local())).put("local-port", session.path().localPort());
            ike.put("local-id", wording.identity(identity(session, true)));
            ike.put("remote-host", text(session.path().remote())).put("remote-port", session.path().remotePort());
            ike.put("remote-id", wording.identity(identity(session, false)));
            user(session).ifPresent(user -> ike.put(session.phase() instanceof PhaseV1 ? "remote-xauth-id" : "remote-eap-id", user));
            ike.flag("initiator", session.initiator());
            ike.put("initiator-spi", spi(initiatorSpi(session.phase())));
            ike.put("responder-spi", spi(responderSpi(session.phase())));
            boolean pretended = isEncapsulationForced(session);
            ike.flag("nat-local", session.nat().local()).flag("nat-remote", session.nat().remote()).flag("nat-fake", pretended)
                    .flag("nat-any", session.nat().any() || pretended);
            interfaceId(ike, session, "in");
            interfaceId(ike, session, "out");
            suite(session.phase()).ifPresent(suite -> {
                suite(ike, suite, true);
                ours(ike, "agent-suite", suite.toString());
            });
            ike.flag("ppk", session.phase().ikeSa().filter(IkeSa::ppk).isPresent());
            // While it is rekeyed charon does not tell how old it is.
            since(session).filter(_ -> wording.isOurs() || !state.equals(REKEYING)).ifPresent(since -> {
                ike.put("established", view.secondsSince(since));
                due(ike, REKEY_TIME, view, Task.RekeyIke.class);
                due(ike, REAUTH_TIME, view, Task.Reauthenticate.class);
            });
            addresses(ike, "local-vips", session.phase().inner().ours());
            addresses(ike, "remote-vips", session.phase().inner().theirs());
            TaskNames.of(session).list(ike);
            ours(ike, "agent-phase", session.phase().label());
            ours(ike, "agent-last-heard", Long.toString(view.secondsSince(session.lastHeard())));
        };
    }

    private static void addresses(ViciMessage.Builder out, String key, List<InetAddress> addresses) {
        if (!addresses.isEmpty()) {
            out.list(key, addresses.stream().map(SaView::text).toList());
        }
    }

    /** The user at the other end, where that is another name than its identity. */
    private Optional<String> user(Session session) {
        return session.phase().user().filter(user -> session.phase() instanceof PhaseV1 || !user.equals(identity(session, false).toString()));
    }

    /** Whole seconds until that is done, if it is to be done at some time. */
    private static void due(ViciMessage.Builder out, ViciMessage.Key key, SessionView view, Class<? extends Task> what) {
        for (Task.Delayed delayed : view.session().delayed()) {
            if (what.isInstance(delayed.task())) {
                out.put(key, Math.max(0, (delayed.at() - view.now()) / MILLIS));
                return;
            }
        }
    }

    private void ours(ViciMessage.Builder out, String key, String text) {
        if (wording.isOurs()) {
            out.put(key, text);
        }
    }

    private Consumer<ViciMessage.Builder> childSa(ChildSa child, String state, SessionView view, Map<SaId, Usage> usage) {
        return out -> {
            head(out, child, state);
            progress(out, child, view, usage);
            tail(out, child);
        };
    }

    private void head(ViciMessage.Builder out, ChildSa child, String state) {
        out.put("name", wording.child(child.name())).put("uniqueid", child.serial()).put("reqid", child.reqid());
        out.put("state", state).put("mode", child.mode().name())
                .put("label", PolicyView.label(child.profile().policy())).put("protocol", child.inbound().protocol().name());
        out.flag("encap", child.udpEncapsulated());
        out.put("spi-in", hex(child.inbound().spi())).put("spi-out", hex(child.outbound().spi()));
        child.cpis().ifPresent(cpis -> out.put("cpi-in", cpi(cpis.in())).put("cpi-out", cpi(cpis.out())));
        mark(out, "in", child.tags().marks().in());
        mark(out, "out", child.tags().marks().out());
        child.tags().interfaces().in().ifPresent(id -> out.put("if-id-in", hex(id)));
        child.tags().interfaces().out().ifPresent(id -> out.put("if-id-out", hex(id)));
        suite(out, child.suite(), false);
    }

    private static void progress(ViciMessage.Builder out, ChildSa child, SessionView view, Map<SaId, Usage> usage) {
        counters(out, CounterKeys.IN, usage.getOrDefault(child.inbound(), Usage.NONE));
        counters(out, CounterKeys.OUT, usage.getOrDefault(child.outbound(), Usage.NONE));
        long age = view.secondsSince(child.since());
        left(out, REKEY_TIME, child.limits().softSeconds(), age);
        left(out, LIFE_TIME, child.limits().hardSeconds(), age);
        out.put(INSTALL_TIME, age);
    }

    private void tail(ViciMessage.Builder out, ChildSa child) {
        ours(out, "agent-suite", child.suite().toString());
        out.list("local-ts", wording.selectors(child.local())).list("remote-ts", wording.selectors(child.remote()));
    }

    /** A mask of all bits goes without saying. */
    private static void mark(ViciMessage.Builder out, String direction, Optional<Mark> mark) {
        out.put("mark-" + direction, mark.map(each -> hex(each.value())));
        out.put("mark-mask-" + direction, mark.filter(each -> each.mask() != -1).map(each -> hex(each.mask())));
    }

    /** Whole seconds until a limit is reached, where there is one. */
    private static void left(ViciMessage.Builder out, ViciMessage.Key key, long limit, long age) {
        if (limit > 0) {
            out.put(key, Math.max(0, limit - age));
        }
    }

    private static void counters(ViciMessage.Builder out, CounterKeys keys, Usage usage) {
        out.put(keys.bytes, usage.bytes()).put(keys.packets, usage.packets());
        if (usage.lastUsedSecondsAgo() >= 0) {
            out.put(keys.use, usage.lastUsedSecondsAgo());
        }
    }

    /** Each algorithm under its vici name, with a key size where the wire carries one. */
    private static void suite(ViciMessage.Builder out, Proposal suite, boolean ike) {
        algorithm(out, suite, TransformType.ENCR, "encr-alg", "encr-keysize");
        algorithm(out, ike ? withIntegrity(suite) : suite, TransformType.INTEG, "integ-alg", "integ-keysize");
        if (ike) {
            algorithm(out, suite, TransformType.PRF, "prf-alg", "prf-keysize");
        }
        algorithm(out, suite, TransformType.KE, "dh-group", "dh-keysize");
        if (suite.first(TransformType.ESN).filter(row -> row.ikev2Id() == 1).isPresent()) {
            out.put("esn", 1);
        }
    }

    /** IKEv1 agrees on a hash, which charon tells as the MAC and the PRF that are made of it. */
    static Proposal withIntegrity(Proposal suite) {
        boolean hash = suite.first(TransformType.INTEG).isEmpty() && suite.first(TransformType.ENCR).filter(Algorithm::aead).isEmpty();
        return hash
                ? new Proposal(suite.protocol(), Algorithms.all().stream()
                        .filter(row -> row.type() == TransformType.INTEG && suite.of(TransformType.PRF).stream()
                                .anyMatch(prf -> prf.ikev1().oakley().isPresent() && prf.ikev1().oakley().equals(row.ikev1().oakley())))
                        .toList())
                : suite;
    }

    private static void algorithm(ViciMessage.Builder out, Proposal suite, TransformType type, String nameKey, String sizeKey) {
        suite.first(type).ifPresent(row -> {
            out.put(nameKey, row.viciName());
            if (row.keyLengthAttribute() > 0) {
                out.put(sizeKey, row.keyLengthAttribute());
            }
        });
    }

    private static Optional<Proposal> suite(Phase phase) {
        return phase instanceof PhaseV1.Up up ? Optional.of(up.sa().suite()) : phase.ikeSa().map(IkeSa::suite);
    }

    private static Optional<Long> since(Session session) {
        return switch (session.phase()) {
            case Phase.Established established -> Optional.of(established.since());
            case PhaseV1.Up up -> Optional.of(up.since());
            default -> Optional.empty();
        };
    }

    /** charon pretends a NAT to have ESP in UDP where there is none. */
    private static boolean isEncapsulationForced(Session session) {
        return !session.nat().any() && session.profile().map(Profile::peer).filter(Peer::forceEncapsulation).isPresent()
                && (session.phase().ikeSa().isPresent() || session.phase() instanceof PhaseV1.Up);
    }

    /** What the connection gives its children, and has no meaning of its own. */
    private void interfaceId(ViciMessage.Builder out, Session session, String direction) {
        OptionalLong id = session.profile().map(Profile::name).map(name -> wording.number(name, "if_id_" + direction)).orElse(OptionalLong.empty());
        if (id.isPresent() && id.getAsLong() != 0) {
            out.put("if-id-" + direction, hex((int) id.getAsLong()));
        }
    }

    /** charon's words for how far an IKE SA is. */
    static String state(Session session) {
        return switch (session.phase()) {
            case Phase.Idle _ -> "CREATED";
            case Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _, PhaseEap _ -> "CONNECTING";
            case Phase.Established _ -> isRekeying(session) ? REKEYING : "ESTABLISHED";
            case PhaseV1.Up _ -> "ESTABLISHED";
            case PhaseV1 _ -> "CONNECTING";
            case Phase.Closing _ -> "DELETING";
            case Phase.Closed _ -> "DESTROYING";
        };
    }

    /** Whether our request for its successor is on its way. */
    private static boolean isRekeying(Session session) {
        return TaskNames.outstanding(session.phase()).filter(request -> request.exchange() instanceof Exchange.RekeyIke).isPresent();
    }

    /** Who is at that end: as authenticated, else as configured; to charon's clients only once it has been said who is wanted. */
    private Identity identity(Session session, boolean local) {
        Optional<Identity> known = local ? session.phase().localIdentity() : session.phase().remoteIdentity();
        if (known.isPresent()) {
            return known.get();
        }
        boolean said = switch (session.phase()) {
            case Phase.Idle _, Phase.Initiating _, Phase.HalfOpen _ -> false;
            case Phase.Authenticating _, PhaseEap _, Phase.Established _, Phase.Closing _, Phase.Closed _ -> true;
            case PhaseV1 _ -> local && session.initiator();
        };
        Optional<Peer> peer = session.profile().filter(_ -> said || wording.isOurs()).map(Profile::peer);
        return peer.map(configured -> local ? configured.local().id() : configured.remote().id()).orElse(Identity.any());
    }

    private static long initiatorSpi(Phase phase) {
        return switch (phase) {
            case Phase.Initiating initiating -> initiating.spi();
            case PhaseV1.Up up -> up.sa().initiatorCookie();
            default -> phase.ikeSa().map(IkeSa::initiatorSpi).orElse(0L);
        };
    }

    private static long responderSpi(Phase phase) {
        return phase instanceof PhaseV1.Up up
                ? up.sa().responderCookie()
                : phase.ikeSa().map(IkeSa::responderSpi).orElse(0L);
    }

    private static String text(InetAddress address) {
        return new Host.Address(address).toString();
    }

    private static String spi(long spi) {
        return HEX.toHexDigits(spi);
    }

    private static String cpi(int number) {
        return String.format(Locale.ROOT, "%04x", number);
    }

    private static String hex(int number) {
        return HEX.toHexDigits(number);
    }
}
