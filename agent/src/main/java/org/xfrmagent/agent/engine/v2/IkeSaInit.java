package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Course;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Selection.Chosen;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Session.Nat;
import org.xfrmagent.agent.engine.core.Settings.Ports;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Childless;

/**
 * The first exchange (RFC 7296, section 1.2).
 *
 * <pre>
 *   HDR(SPIi,0), [N(COOKIE)], SA, KE, Ni, N(NAT_D_S), N(NAT_D_D), N(FRAG), N(HASH)  -->
 *                                   &lt;--  HDR(SPIi,SPIr), SA, KE, Nr, N(NAT_D_S), N(NAT_D_D), N(FRAG), N(HASH), [CERTREQ]
 *                              or   &lt;--  HDR(SPIi,0), N(COOKIE) | N(INVALID_KE_PAYLOAD) | N(error)
 * </pre>
 */
public final class IkeSaInit {
    private IkeSaInit() {}

    // ---- initiator

    /** Sends the first message of the session. */
    public static void initiate(Turn turn, Profile profile, List<Wish> wishes, Optional<InetAddress> redirectedFrom) {
        attempt(turn, profile, wishes, redirectedFrom.map(Course.FIRST::redirected).orElse(Course.FIRST));
    }

    /** Nobody has answered, and the peer may be asked more often: from the start, with other keys. */
    static void again(Turn turn, Profile profile, Phase.Initiating unanswered) {
        turn.afterwards(unanswered.keyExchange().pair()::wipe);
        attempt(turn, profile, unanswered.wishes(), unanswered.course().again());
    }

    /** The gateway sends us to another: from the start, there. */
    static void elsewhere(Turn turn, Profile profile, Phase.Initiating answered, InetAddress gateway) {
        turn.afterwards(answered.keyExchange().pair()::wipe);
        InetAddress from = turn.session().path().remote();
        turn.change(session -> session.withPath(new Path(session.path().local(), session.path().localPort(), gateway, session.path().remotePort())));
        attempt(turn, profile, answered.wishes(), answered.course().redirected(from));
    }

    private static void attempt(Turn turn, Profile profile, List<Wish> wishes, Course course) {
        Optional<String> lacking = Ppk.lacking(turn, profile);
        if (lacking.isPresent()) {
            Ending.failed(turn, lacking.get());
            return;
        }
        Algorithm group = profile.peer().proposals().stream()
                .flatMap(proposal -> proposal.of(TransformType.KE).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a proposal without a key exchange"));
        start(turn, profile, wishes, turn.at().spi(turn.session().shard()), ephemeral(turn, group), nonce(turn), Optional.empty(), 0, course);
    }

    private static void start(
            Turn turn, Profile profile, List<Wish> wishes, long spi, Ephemeral half, Bytes nonce, Optional<Bytes> cookie, int restarts,
            Course course) {
        Path path = turn.session().path();
        List<Payload> payloads = new ArrayList<>();
        // Section 2.6: the COOKIE comes first, so that it can be checked before anything else is read.
        cookie.ifPresent(octets -> payloads.add(NotifyPayload.of(Notify.COOKIE, octets)));
        payloads.add(Selection.offer(profile.peer().proposals(), Bytes.empty(), KeyExchangeUse.NEGOTIATED));
        payloads.add(new KePayload(half.group().ikev2Id(), half.pair().publicValue()));
        payloads.add(new NoncePayload(nonce));
        payloads.addAll(NatDetection.offer(spi, 0, path, profile.peer().forceEncapsulation()));
        payloads.addAll(announcements(profile.peer().fragmentation().enabled(), true));
        payloads.addAll(Ppk.offer(turn, profile));
        payloads.addAll(Redirection.offer(profile, course));
        Bytes request = MessageCodec.encode(Header.of(spi, 0, ExchangeType.IKE_SA_INIT, true, false, 0), payloads);
        Outstanding outstanding = new Outstanding(
                0, List.of(request), new Exchange.Init(), 1, turn.now() + Requests.wait(turn.session(), 0, turn.at()));
        turn.enter(
                new Phase.Initiating(spi, half, nonce, cookie, outstanding, restarts, course, wishes),
                cookie.isPresent() ? "sent IKE_SA_INIT again with the responder's cookie"
                        : restarts > 0 ? "sent IKE_SA_INIT again with " + half.group().keyword() : "sent IKE_SA_INIT");
        turn.send(List.of(request));
    }

    private static List<Payload> announcements(boolean fragmentation, boolean signatureHashes) {
        List<Payload> announcements = new ArrayList<>();
        if (fragmentation) {
            announcements.add(NotifyPayload.of(Notify.IKEV2_FRAGMENTATION_SUPPORTED));
        }
        if (signatureHashes) {
            announcements.add(Signatures.announcement());
        }
        return announcements;
    }

    private static Ephemeral ephemeral(Turn turn, Algorithm group) {
        return new Ephemeral(group, KeyExchange.of(group).generate(turn.at().entropy()));
    }

    private static Bytes nonce(Turn turn) {
        return turn.at().random(Constants.NONCE_OCTETS);
    }

    /** Reads the answer to our first message; whatever is wrong ends the session with the reason. */
    public static void conclude(Turn turn, Phase.Initiating phase, Message message, Bytes datagram) {
        List<Payload> payloads = message.payloads();
        Profile profile = turn.session().profile().orElseThrow(() -> new IllegalStateException("an initiator without a peer"));
        Optional<NotifyPayload> cookie = Payload.notification(payloads, Notify.COOKIE);
        Optional<NotifyPayload> invalidKe = Payload.notification(payloads, Notify.INVALID_KE_PAYLOAD);
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        boolean negative = cookie.isPresent() || error.isPresent();
        if (negative && phase.restarts() >= Constants.MAX_RESTARTS) {
            Ending.failed(turn, "the peer asked for a new IKE_SA_INIT " + phase.restarts() + " times in a row");
        } else if (cookie.isPresent()) {
            // The same SPI, nonce and key exchange: the cookie is bound to them.
            start(turn, profile, phase.wishes(), phase.spi(), phase.keyExchange(), phase.nonce(),
                    Optional.of(cookie.get().data()), phase.restarts() + 1, phase.course());
        } else if (Redirection.isAsked(payloads)) {
            Redirection.follow(turn, phase, profile, payloads);
        } else if (invalidKe.isPresent()) {
            otherGroup(turn, profile, phase, NotifyData.group(invalidKe.get()));
        } else if (error.isPresent()) {
            Ending.failed(turn, "the peer answered IKE_SA_INIT with " + Notify.nameOf(error.get().type()) + hint(error.get(), profile));
        } else {
            agree(turn, phase, profile, message, datagram);
        }
    }

    private static String hint(NotifyPayload error, Profile profile) {
        return error.is(Notify.NO_PROPOSAL_CHOSEN) ? ": none of our proposals suits it, we offered " + profile.peer().proposals() : "";
    }

    /** Section 1.3: only a group that we offered, and not the one that was refused, is a reason to try again. */
    private static void otherGroup(Turn turn, Profile profile, Phase.Initiating phase, int wanted) {
        Optional<Algorithm> group = profile.peer().proposals().stream()
                .flatMap(proposal -> proposal.of(TransformType.KE).stream())
                .filter(row -> row.ikev2Id() == wanted)
                .findFirst();
        if (group.isEmpty() || wanted == phase.keyExchange().group().ikev2Id()) {
            Ending.failed(turn, "the peer wants key exchange " + groupName(wanted) + ", which our proposals do not have");
            return;
        }
        turn.afterwards(phase.keyExchange().pair()::wipe);
        start(turn, profile, phase.wishes(), phase.spi(), ephemeral(turn, group.get()), phase.nonce(), phase.cookie(),
                phase.restarts() + 1, phase.course());
    }

    private static String groupName(int number) {
        return Algorithms.byTransform(TransformType.KE, number, 0).map(Algorithm::keyword).orElse("number " + number);
    }

    private static void agree(Turn turn, Phase.Initiating phase, Profile profile, Message message, Bytes datagram) {
        List<Payload> payloads = message.payloads();
        SaPayload sa = Grammar.required(payloads, SaPayload.class);
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Bytes theirNonce = Grammar.required(payloads, NoncePayload.class).data();
        Optional<Chosen> chosen = Selection.accept(profile.peer().proposals(), sa, KeyExchangeUse.NEGOTIATED);
        if (chosen.isEmpty() || message.header().responderSpi() == 0) {
            Ending.failed(turn, "the peer chose a proposal that we did not offer");
            return;
        }
        Optional<String> declined = Ppk.declined(profile, payloads);
        if (declined.isPresent()) {
            Ending.failed(turn, declined.get());
            return;
        }
        Proposal suite = chosen.get().suite();
        Algorithm group = phase.keyExchange().group();
        if (ke.group() != group.ikev2Id() || !suite.algorithms().contains(group)) {
            Ending.failed(turn, "the peer's key exchange is " + groupName(ke.group()) + ", we had sent " + group.keyword());
            return;
        }
        long responderSpi = message.header().responderSpi();
        Transcript transcript =
                new Transcript(phase.outstanding().datagrams().getFirst(), datagram, phase.nonce(), theirNonce);
        IkeKeys keys;
        try {
            Secret shared = KeyExchange.of(group).agree(phase.keyExchange().pair(), ke.data());
            keys = Keys.initial(suite, shared, phase.nonce(), theirNonce, phase.spi(), responderSpi);
            turn.wipe(shared);
        } catch (InvalidKeyExchange invalid) {
            Ending.failed(turn, "the peer's key exchange is invalid: " + invalid.getMessage());
            return;
        }
        turn.afterwards(phase.keyExchange().pair()::wipe);
        moveToNatTraversalPort(turn, phase.spi(), responderSpi, payloads, profile);
        IkeSa ikeSa = new IkeSa(
                phase.spi(), responderSpi, true, suite, keys, 0, new Window(1, Optional.empty(), 0, Optional.empty(), false),
                fragmentation(profile.peer().fragmentation().enabled(), payloads));
        turn.enter(
                new Phase.Authenticating(ikeSa, transcript, phase.wishes(), Long.MAX_VALUE),
                "IKE_SA_INIT done with " + suite);
        authenticate(turn, profile, phase.wishes().isEmpty(), Payload.notification(payloads, Notify.CHILDLESS_IKEV2_SUPPORTED).isPresent());
    }

    /**
     * With a child in IKE_AUTH or without (RFC 6023).
     *
     * @param childless whether nobody wants one
     * @param supported whether the peer does without
     */
    private static void authenticate(Turn turn, Profile profile, boolean childless, boolean supported) {
        boolean without = childless || switch (profile.peer().childless()) {
            case ALLOW, NEVER -> false;
            case PREFER -> supported;
            case FORCE -> true;
        };
        if (!without) {
            IkeAuth.initiate(turn);
        } else if (supported) {
            IkeAuth.initiateChildless(turn);
        } else {
            Ending.failed(turn, "the peer does not begin an IKE SA without a child (RFC 6023), and "
                    + (childless ? "none is wanted: name a policy" : "'childless: force' wants that"));
        }
    }

    private static boolean fragmentation(boolean enabled, List<Payload> payloads) {
        return enabled && Payload.notification(payloads, Notify.IKEV2_FRAGMENTATION_SUPPORTED).isPresent();
    }

    /**
     * Section 2.23: once a NAT is seen, the initiator sends everything else from and to port 4500. One that wants MOBIKE does so with
     * every peer that can (RFC 4555, section 3.3): it may come to be behind a NAT later.
     */
    private static void moveToNatTraversalPort(
            Turn turn, long initiatorSpi, long responderSpi, List<Payload> payloads, Profile profile) {
        Path path = turn.session().path();
        Nat found = NatDetection.accept(initiatorSpi, responderSpi, path, payloads);
        Nat nat = profile.peer().forceEncapsulation() ? new Nat(true, found.remote()) : found;
        turn.change(session -> session.withNat(nat));
        Ports ports = turn.session().settings().ports();
        boolean mobile = profile.peer().mobike() && Payload.notification(payloads, Notify.NAT_DETECTION_SOURCE_IP).isPresent();
        if ((nat.any() || mobile) && path.localPort() != ports.natTraversal()) {
            turn.change(session -> session.withPath(path.withPorts(ports.natTraversal(), ports.natTraversal())));
        }
    }

    // ---- responder

    /**
     * Answers a first message, after its cookie was checked. Before this returns nothing was stored; when it throws nothing is.
     *
     * @param candidates the peers that may call from there
     * @throws Refusal to be sent in the clear
     */
    public static void respond(Turn turn, Message message, Bytes datagram, List<Profile> candidates) {
        List<Payload> payloads = message.payloads();
        SaPayload offer = Grammar.required(payloads, SaPayload.class);
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Bytes theirNonce = Grammar.required(payloads, NoncePayload.class).data();
        long initiatorSpi = message.header().initiatorSpi();
        Chosen chosen = choose(candidates, offer, ke.group());
        Algorithm group = Selection.of(chosen.suite(), TransformType.KE)
                .orElseThrow(() -> new IllegalStateException("a suite without a key exchange"));
        if (ke.group() != group.ikev2Id()) {
            throw new Refusal(
                    Notify.INVALID_KE_PAYLOAD,
                    NotifyData.invalidKePayload(group.ikev2Id()).data(),
                    "sent key exchange " + groupName(ke.group()) + ", we want " + group.keyword());
        }
        long responderSpi = turn.at().spi(turn.session().shard());
        Bytes nonce = nonce(turn);
        Ephemeral half = ephemeral(turn, group);
        IkeKeys keys;
        try {
            Secret shared = KeyExchange.of(group).agree(half.pair(), ke.data());
            keys = Keys.initial(chosen.suite(), shared, theirNonce, nonce, initiatorSpi, responderSpi);
            turn.wipe(shared);
        } catch (InvalidKeyExchange invalid) {
            throw new Refusal(Notify.INVALID_SYNTAX, "its key exchange is invalid: " + invalid.getMessage());
        }
        turn.afterwards(half.pair()::wipe);
        boolean enabled = candidates.stream().anyMatch(profile -> profile.peer().fragmentation().enabled());
        boolean pretend = candidates.stream().anyMatch(profile -> profile.peer().forceEncapsulation());
        Path path = turn.session().path();
        List<Payload> answer = new ArrayList<>();
        answer.add(Selection.answer(chosen.suite(), chosen.number(), Bytes.empty()));
        answer.add(new KePayload(group.ikev2Id(), half.pair().publicValue()));
        answer.add(new NoncePayload(nonce));
        // Only what the initiator began to speak of: it could make no use of more, and its address may be another's.
        if (Payload.notification(payloads, Notify.NAT_DETECTION_SOURCE_IP).isPresent()) {
            answer.addAll(NatDetection.offer(initiatorSpi, responderSpi, path, pretend));
            if (candidates.stream().anyMatch(profile -> profile.peer().childless() != Childless.NEVER)) {
                answer.add(NotifyPayload.of(Notify.CHILDLESS_IKEV2_SUPPORTED));
            }
            if (candidates.stream().anyMatch(profile -> profile.peer().remote().hasSecondRound())) {
                answer.add(NotifyPayload.of(Notify.MULTIPLE_AUTH_SUPPORTED));
            }
            answer.addAll(Certificates.request(turn.session().settings().credentials(), candidates));
        }
        answer.addAll(announcements(
                fragmentation(enabled, payloads), Payload.notification(payloads, Notify.SIGNATURE_HASH_ALGORITHMS).isPresent()));
        answer.addAll(Ppk.answer(turn, payloads));
        Redirection.note(turn, payloads);
        Bytes response = MessageCodec.encode(
                Header.of(initiatorSpi, responderSpi, ExchangeType.IKE_SA_INIT, false, true, 0), answer);
        // The initiator hashed an SPIr of zero: it did not know ours yet.
        Nat found = NatDetection.accept(initiatorSpi, 0, path, payloads);
        turn.change(session -> session.withNat(pretend ? new Nat(true, found.remote()) : found));
        IkeSa sa = new IkeSa(
                initiatorSpi, responderSpi, false, chosen.suite(), keys, 0,
                new Window(0, Optional.empty(), 1, Optional.of(new Window.Answer(0, List.of(response))), false),
                fragmentation(enabled, payloads));
        turn.enter(
                new Phase.HalfOpen(
                        sa, new Transcript(datagram, response, theirNonce, nonce), candidates,
                        turn.now() + Constants.HALF_OPEN_MILLIS),
                "answered IKE_SA_INIT with " + chosen.suite());
        turn.send(List.of(response));
    }

    private static Chosen choose(List<Profile> candidates, SaPayload offer, int group) {
        for (Profile profile : candidates) {
            Optional<Chosen> chosen =
                    Selection.choose(profile.peer().proposals(), offer, KeyExchangeUse.NEGOTIATED, Optional.of(group));
            if (chosen.isPresent()) {
                return chosen.get();
            }
        }
        throw new Refusal(
                Notify.NO_PROPOSAL_CHOSEN,
                "offers nothing that " + candidates.stream().map(Profile::name).toList() + " may use");
    }
}
