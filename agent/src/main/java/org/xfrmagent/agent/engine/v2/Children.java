package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.ChildKeys;
import org.xfrmagent.agent.crypto.DirectionKeys;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.KeyPair;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildAnswer;
import org.xfrmagent.agent.engine.core.ChildAnswer.Terms;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Compression;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.agent.engine.core.Exchange.Meanwhile;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Narrowing;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Selection.Chosen;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Tags;
import org.xfrmagent.agent.engine.core.Translated;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TsPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.SecurityLabel;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Negotiating a child, as it happens in IKE_AUTH and in CREATE_CHILD_SA alike:
 *
 * <pre>
 *   [N(USE_TRANSPORT_MODE)], SA, [Ni, [KEi]], TSi, TSr  -->
 *                                   &lt;--  [N(USE_TRANSPORT_MODE)], SA, [Nr, [KEr]], TSi, TSr
 *                              or   &lt;--  N(NO_PROPOSAL_CHOSEN) | N(TS_UNACCEPTABLE) | N(INVALID_KE_PAYLOAD) ...
 * </pre>
 */
final class Children {
    private Children() {}

    // ---- initiator

    /** Asks the data plane for the SPI that our offer will carry. */
    static void allocate(Turn turn, ChildProfile profile, Awaiting awaiting) {
        allocate(turn, profile, Compression.isWanted(turn, profile), awaiting);
    }

    private static void allocate(Turn turn, ChildProfile profile, boolean compressed, Awaiting awaiting) {
        Path path = turn.session().path();
        turn.start(
                new Job.AllocateSpi(new SpiRequest(
                        path.remote(), path.local(), profile.protect().protocol(), profile.protect().mode(), profile.reqid()), compressed),
                awaiting);
    }

    static ChildOffer offer(
            Turn turn, ChildProfile profile, Wish wish, Result.SpiAllocated ours, Bytes nonce, Optional<Ephemeral> keyExchange,
            OptionalInt replaces) {
        List<TrafficSelector> local = Addresses.local(turn.session(), profile);
        List<TrafficSelector> remote = Addresses.remote(turn.session(), profile);
        if (wish.packet().isPresent() && wish.alone()) {
            local = List.of(wish.packet().get().source());
            remote = List.of(wish.packet().get().destination());
        } else if (wish.packet().isPresent()) {
            // Section 2.9: a packet that asked for the SA leads, so that the responder narrows around it.
            local = Addresses.isAwaited(turn.session()) ? local : led(wish.packet().get().source(), local);
            remote = led(wish.packet().get().destination(), remote);
        }
        OptionalInt cpi = Compression.ours(turn, profile, ours.cpi(), local, remote);
        return new ChildOffer(
                profile, ours.spi(), ours.serial(), profile.protect().proposals(), nonce, keyExchange, local, remote, wish, replaces, cpi);
    }

    private static List<TrafficSelector> led(TrafficSelector first, List<TrafficSelector> rest) {
        List<TrafficSelector> all = new ArrayList<>();
        if (rest.stream().anyMatch(selector -> selector.contains(first)) && !rest.contains(first)) {
            all.add(first);
        }
        all.addAll(rest);
        return List.copyOf(all);
    }

    static List<Payload> payloads(ChildOffer offer, KeyExchangeUse use) {
        List<Payload> payloads = new ArrayList<>();
        offer.cpi().ifPresent(cpi -> payloads.add(NotifyData.ipcompSupported(cpi)));
        if (offer.profile().protect().mode() == Mode.TRANSPORT) {
            payloads.add(NotifyPayload.of(Notify.USE_TRANSPORT_MODE));
        }
        withoutFilling(offer.profile().protect().mode(), offer.profile().protect().protocol()).ifPresent(payloads::add);
        payloads.add(Selection.offer(offer.proposals(), spiOctets(offer.spi()), use));
        if (use == KeyExchangeUse.NEGOTIATED) {
            payloads.add(new NoncePayload(offer.nonce()));
            offer.keyExchange().ifPresent(half -> payloads.add(new KePayload(half.group().ikev2Id(), half.pair().publicValue())));
        }
        payloads.add(Narrowing.payload(Role.INITIATOR, offer.local(), label(offer.profile())));
        payloads.add(Narrowing.payload(Role.RESPONDER, offer.remote(), label(offer.profile())));
        return payloads;
    }

    /** In transport mode nothing tells where an upper layer ends and TFC padding begins, so neither plane takes it (section 1.3.1). */
    private static Optional<Payload> withoutFilling(Mode mode, Protocol protocol) {
        return mode == Mode.TRANSPORT && protocol == Protocol.ESP
                ? Optional.of(NotifyPayload.of(Notify.ESP_TFC_PADDING_NOT_SUPPORTED))
                : Optional.empty();
    }

    private static boolean takesFilling(List<Payload> payloads) {
        return Payload.notification(payloads, Notify.ESP_TFC_PADDING_NOT_SUPPORTED).isEmpty();
    }

    /**
     * Reads the answer to our offer and starts the installation.
     *
     * @param meanwhile what the peer asked while our request was on its way
     * @param initiatorNonce the nonces that the keys come from
     * @throws Refusal if the answer is not one our offer allows; the peer has a child then that we have to delete
     */
    static void conclude(
            Turn turn, ChildOffer offer, Meanwhile meanwhile, List<Payload> payloads, Bytes initiatorNonce, Bytes responderNonce,
            KeyExchangeUse use) {
        Chosen chosen = Selection.accept(offer.proposals(), Grammar.required(payloads, SaPayload.class), use)
                .orElseThrow(() -> new Refusal(Notify.NO_PROPOSAL_CHOSEN, "the peer chose a proposal that we did not offer"));
        boolean transport = Payload.notification(payloads, Notify.USE_TRANSPORT_MODE).isPresent();
        Mode mode = agreedMode(offer.profile().protect(), transport);
        TsPayload tsi = ts(payloads, Role.INITIATOR);
        TsPayload tsr = ts(payloads, Role.RESPONDER);
        refuseAnotherLabel(offer.profile(), tsi, tsr);
        List<TrafficSelector> local = Addresses.granted(turn.session(), Narrowing.selectors(tsi));
        List<TrafficSelector> remote = Narrowing.selectors(tsr);
        if (mode == Mode.TRANSPORT) {
            local = Translated.local(turn.session(), local);
            remote = Translated.remote(turn.session(), remote);
            refuseOthersThanTheHosts(turn.session(), local, remote);
        }
        if (!Narrowing.within(local, offer.local()) || !Narrowing.within(remote, offer.remote())) {
            throw new Refusal(Notify.TS_UNACCEPTABLE, "the peer answered with selectors " + local + " === " + remote
                    + " that are not within " + offer.local() + " === " + offer.remote());
        }
        if (meanwhile.deleted().contains(chosen.spi())) {
            CreateChild.failed(turn, offer, "the peer deleted it before its answer came");
            return;
        }
        Optional<Cpis> cpis = IpcompSupported.agreed(offer, payloads);
        Optional<Secret> shared = concludeKeyExchange(offer, chosen.suite(), payloads);
        ChildSa child = child(
                turn, offer.profile(), mode, chosen.suite(), offer.spi(), offer.serial(), chosen.spi().i32(0), local, remote,
                offer.replaces(), cpis);
        ChildKeys keys = keys(turn, chosen.suite(), shared, initiatorNonce, responderNonce);
        install(turn, child, keys.responderToInitiator(), keys.initiatorToResponder(), offer.wish().packet().isPresent(),
                takesFilling(payloads), new Awaiting.InstallOfOffer(child, false));
        shared.ifPresent(turn::wipe);
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
    }

    /** RFC 9478, section 2.2: a peer that knows no labels leaves ours out, and its SAs would carry what others may not see. */
    private static void refuseAnotherLabel(ChildProfile profile, TsPayload tsi, TsPayload tsr) {
        Optional<SecurityLabel> wanted = label(profile);
        for (TsPayload ts : List.of(tsi, tsr)) {
            if (!Narrowing.offers(ts, wanted) || ts.labels().size() > 1) {
                throw new Refusal(Notify.TS_UNACCEPTABLE, "the peer answered with labels " + Narrowing.labels(tsi) + " === "
                        + Narrowing.labels(tsr) + ", and policy '" + profile.name() + "' has "
                        + wanted.map(each -> "'" + each + "'").orElse("none"));
            }
        }
    }

    private static Optional<SecurityLabel> label(ChildProfile profile) {
        return profile.policy().match().label();
    }

    /** Through a NAT, transport mode carries nothing but what is between the two hosts: the peer would take it for something else. */
    static void refuseOthersThanTheHosts(Session session, List<TrafficSelector> local, List<TrafficSelector> remote) {
        if (session.nat().any() && !Translated.areTheHosts(session.path(), local, remote)) {
            throw new Refusal(Notify.TS_UNACCEPTABLE, "wants transport mode through a NAT for " + local + " === " + remote
                    + ", which are not the two hosts of " + session.path());
        }
    }

    /** Section 1.3.1: without the notification in the answer it is a tunnel; who cannot have that "MUST delete the SA". */
    private static Mode agreedMode(Protect policy, boolean transport) {
        if (!transport && policy.mode() == Mode.TRANSPORT && !policy.tunnelFallback()) {
            throw new Refusal(Notify.NO_PROPOSAL_CHOSEN, "the peer declines transport mode, and the policy has no 'tunnel-fallback: true'");
        }
        if (transport && policy.mode() == Mode.TUNNEL) {
            throw new Refusal(Notify.NO_PROPOSAL_CHOSEN, "the peer wants transport mode, which we did not ask for");
        }
        return transport ? Mode.TRANSPORT : Mode.TUNNEL;
    }

    private static Optional<Secret> concludeKeyExchange(ChildOffer offer, Proposal suite, List<Payload> payloads) {
        Optional<Algorithm> group = Selection.of(suite, TransformType.KE);
        if (group.isEmpty()) {
            return Optional.empty();
        }
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Ephemeral half = offer.keyExchange()
                .filter(own -> own.group().equals(group.get()) && ke.group() == own.group().ikev2Id())
                .orElseThrow(() -> new Refusal(
                        Notify.INVALID_SYNTAX, "the peer chose key exchange " + group.get().keyword() + " without our half of it"));
        try {
            return Optional.of(KeyExchange.of(half.group()).agree(half.pair(), ke.data()));
        } catch (InvalidKeyExchange invalid) {
            throw new Refusal(Notify.INVALID_SYNTAX, "the peer's key exchange is invalid: " + invalid.getMessage());
        }
    }

    // ---- responder

    /**
     * Decides on the child that the peer asks for, and asks the data plane for an SPI.
     *
     * @param prefix payloads of the answer that come before the child's
     * @param responderNonce ours
     * @throws Refusal with the notify that says why not
     */
    static void respond(
            Turn turn, List<Payload> payloads, List<Payload> prefix, Bytes initiatorNonce, Bytes responderNonce, KeyExchangeUse use,
            OptionalInt replaces) {
        ChildMatch.refuseOneTooMany(turn);
        SaPayload offer = Grammar.required(payloads, SaPayload.class);
        boolean transport = Payload.notification(payloads, Notify.USE_TRANSPORT_MODE).isPresent();
        TsPayload tsi = ts(payloads, Role.INITIATOR);
        TsPayload tsr = ts(payloads, Role.RESPONDER);
        Optional<KePayload> ke = use == KeyExchangeUse.NEGOTIATED ? Payload.first(payloads, KePayload.class) : Optional.empty();
        ChildMatch match = ChildMatch.of(turn, offer, transport, tsr, tsi, ke, use, replaces);
        Proposal suite = match.chosen().suite();
        Optional<Secret> shared = Optional.empty();
        Optional<Bytes> publicValue = Optional.empty();
        Optional<Algorithm> group = Selection.of(suite, TransformType.KE);
        if (group.isPresent()) {
            if (ke.isEmpty() || ke.get().group() != group.get().ikev2Id()) {
                throw new Refusal(
                        Notify.INVALID_KE_PAYLOAD, NotifyData.invalidKePayload(group.get().ikev2Id()).data(),
                        "sent no key exchange for " + group.get().keyword());
            }
            KeyExchange exchange = KeyExchange.of(group.get());
            KeyPair pair = exchange.generate(turn.at().entropy());
            try {
                shared = Optional.of(exchange.agree(pair, ke.get().data()));
                publicValue = Optional.of(pair.publicValue());
            } catch (InvalidKeyExchange invalid) {
                throw new Refusal(Notify.INVALID_SYNTAX, "its key exchange is invalid: " + invalid.getMessage());
            } finally {
                pair.wipe();
            }
        }
        boolean compressed = IpcompSupported.offered(payloads).isPresent() && Compression.isWanted(turn, match.profile())
                && Compression.suits(turn, match.local(), match.remote());
        OptionalInt cpi = compressed ? IpcompSupported.offered(payloads) : OptionalInt.empty();
        ChildAnswer answer = new ChildAnswer(
                match.profile(), prefix, suite, match.chosen().number(), match.chosen().spi().i32(0), initiatorNonce, responderNonce, shared,
                publicValue, match.local(), match.remote(),
                new Terms(
                        match.mode(), takesFilling(payloads), replaces.isEmpty() && isProvided(turn, match.profile()), match.more(),
                        Narrowing.selectors(tsr), Narrowing.selectors(tsi), cpi), replaces);
        allocate(turn, match.profile(), cpi.isPresent(), new Awaiting.SpiForAnswer(answer));
    }

    /** Whether the peer has such a child already, under the IKE SA that this one is about to replace. */
    private static boolean isProvided(Turn turn, ChildProfile profile) {
        return turn.session().phase() instanceof Phase.Established up && turn.neighbours().provide(profile.name(), up.local(), up.caller());
    }

    /** Continues with our SPI: installs the child before the answer leaves. */
    static void allocated(Turn turn, ChildAnswer answer, Result.SpiAllocated ours) {
        ChildSa whole = child(
                turn, answer.profile(), answer.terms().mode(), answer.chosen(), ours.spi(), ours.serial(), answer.peerSpi(), answer.local(),
                answer.remote(), answer.replaces(), Compression.agreed(ours.cpi(), answer.terms().cpi()));
        boolean waits = Succession.waits(turn.session(), whole) || answer.terms().behind();
        ChildSa child = waits ? whole.withPolicies(inwards(whole.policies())) : whole;
        ChildKeys keys = keys(turn, answer.chosen(), answer.sharedSecret(), answer.initiatorNonce(), answer.responderNonce());
        List<Payload> payloads = new ArrayList<>(answer.prefix());
        child.cpis().ifPresent(cpis -> payloads.add(NotifyData.ipcompSupported(cpis.in())));
        if (child.mode() == Mode.TRANSPORT) {
            payloads.add(NotifyPayload.of(Notify.USE_TRANSPORT_MODE));
        }
        withoutFilling(child.mode(), child.suite().protocol()).ifPresent(payloads::add);
        if (answer.terms().more()) {
            payloads.add(NotifyPayload.of(Notify.ADDITIONAL_TS_POSSIBLE));
        }
        payloads.add(Selection.answer(answer.chosen(), answer.proposalNumber(), spiOctets(ours.spi())));
        if (answer.prefix().isEmpty()) {
            payloads.add(new NoncePayload(answer.responderNonce()));
            answer.publicValue().ifPresent(value -> payloads.add(new KePayload(
                    Selection.of(answer.chosen(), TransformType.KE).orElseThrow().ikev2Id(), value)));
        }
        boolean translated = child.mode() == Mode.TRANSPORT;
        Optional<SecurityLabel> label = label(answer.profile());
        payloads.add(Narrowing.payload(
                Role.INITIATOR, translated ? Translated.back(answer.remote(), answer.terms().namedRemote()) : answer.remote(), label));
        payloads.add(Narrowing.payload(
                Role.RESPONDER, translated ? Translated.back(answer.local(), answer.terms().namedLocal()) : answer.local(), label));
        answer.sharedSecret().ifPresent(turn::wipe);
        install(turn, child, keys.initiatorToResponder(), keys.responderToInitiator(), false,
                answer.terms().filled(), new Awaiting.InstallOfAnswer(answer.keyed(), child, List.copyOf(payloads)));
    }

    private static List<PolicySpec> inwards(List<PolicySpec> policies) {
        return policies.stream().filter(policy -> policy.direction() != Direction.OUT).toList();
    }

    // ---- both

    private static TsPayload ts(List<Payload> payloads, Role role) {
        return Payload.all(payloads, TsPayload.class).stream()
                .filter(payload -> payload.role() == role)
                .findFirst()
                .orElseThrow(() -> new Refusal(Notify.INVALID_SYNTAX, "sent no TS" + (role == Role.INITIATOR ? "i" : "r") + " payload"));
    }

    static Bytes spiOctets(int spi) {
        return new ByteWriter(4).i32(spi).toBytes();
    }

    private static ChildSa child(
            Turn turn, ChildProfile profile, Mode mode, Proposal suite, int inboundSpi, int serial, int outboundSpi, List<TrafficSelector> local,
            List<TrafficSelector> remote, OptionalInt replaces, Optional<Cpis> cpis) {
        InetAddress here = turn.session().path().local();
        InetAddress there = turn.session().path().remote();
        Tags tags = Tags.of(turn.session(), profile.protect(), serial, replaces);
        return new ChildSa(
                serial, profile, suite, mode, new SaId(here, suite.protocol(), inboundSpi), new SaId(there, suite.protocol(), outboundSpi),
                Installation.encapsulation(turn.session().path(), turn.session().nat().any(), suite.protocol()), local, remote,
                Installation.policies(profile, mode, here, there, outboundSpi, local, remote, tags, cpis), turn.now(),
                Installation.limits(profile.protect().lifetimes(), turn.at()), ChildSa.State.INSTALLED, replaces, tags, cpis);
    }

    private static ChildKeys keys(Turn turn, Proposal suite, Optional<Secret> shared, Bytes initiatorNonce, Bytes responderNonce) {
        IkeSa sa = turn.ikeSa();
        return Keys.child(sa, suite, shared, initiatorNonce, responderNonce);
    }

    private static void install(
            Turn turn, ChildSa child, DirectionKeys in, DirectionKeys out, boolean held, boolean filled, Awaiting awaiting) {
        List<Operation> operations = Installation.install(child, Installation.keys(child, in), Installation.keys(child, out), filled);
        turn.start(Installation.job(turn.session(), child, held, operations), awaiting);
    }
}
