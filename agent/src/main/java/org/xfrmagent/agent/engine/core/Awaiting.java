package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Identity;

/** What a session does when a job is done: the rest of an exchange, as data. */
public sealed interface Awaiting
        permits Awaiting.TokenSignature,
                Awaiting.ChainOfResponder,
                Awaiting.ChainOfInitiator,
                Awaiting.EapOfInitiator,
                Awaiting.EapOfOurs,
                Awaiting.LeaseForInitiator,
                Awaiting.HostAddresses,
                Awaiting.HostAddressesMoved,
                Awaiting.AddressesGone,
                Awaiting.SpiForOffer,
                Awaiting.SpiForAnswer,
                Awaiting.InstallOfOffer,
                Awaiting.InstallOfAnswer,
                Awaiting.RemovalForAnswer,
                Awaiting.Change,
                Awaiting.Move,
                Awaiting.UsageForKeepalive,
                Awaiting.Ways,
                Awaiting.Relocation,
                Awaiting.UsageForLiveness,
                Awaiting.UsageForLimits,
                Awaiting.UsageForIdleness,
                AwaitingV1 {
    /** The child that is being installed. */
    default Optional<ChildSa> installing() {
        return Optional.empty();
    }

    /**
     * A token signs for us: only then is {@code input} taken, which the signature was needed for.
     *
     * @param before what tokens have signed for the same input already
     */
    record TokenSignature(Job.Sign job, Input input, TokenSignatures before) implements Awaiting {}

    /** As initiator of the IKE SA: is the one who signed the answer {@code payloads} the one in its certificates? */
    record ChainOfResponder(Job.VerifyChain job, Exchange.Authenticate exchange, List<Payload> payloads) implements Awaiting {
        public ChainOfResponder {
            payloads = List.copyOf(payloads);
        }
    }

    /** As responder of the IKE SA: is the one who signed the request {@code payloads} the one in its certificates? */
    record ChainOfInitiator(Job.VerifyChain job, List<Payload> payloads) implements Awaiting {
        public ChainOfInitiator {
            payloads = List.copyOf(payloads);
        }
    }

    /** As gateway: what EAP has to say next to the user; it leaves behind {@code payloads}. */
    record EapOfInitiator(List<Payload> payloads) implements Awaiting {
        public EapOfInitiator {
            payloads = List.copyOf(payloads);
        }
    }

    /** As user: what EAP has to answer to the gateway. */
    record EapOfOurs() implements Awaiting {}

    /** As responder of the IKE SA: addresses for the one who sent the request {@code payloads}, and is who it says. */
    record LeaseForInitiator(Job.LeaseAddresses job, Identity remote, List<Payload> payloads) implements Awaiting {
        public LeaseForInitiator {
            payloads = List.copyOf(payloads);
        }
    }

    /** This host is being made to have the addresses that the peer has given us. */
    record HostAddresses(List<InetAddress> addresses) implements Awaiting {
        public HostAddresses {
            addresses = List.copyOf(addresses);
        }
    }

    /** It is being made to have them where the peer is reached now; then they are had twice, and once will do. */
    record HostAddressesMoved(List<InetAddress> addresses) implements Awaiting {
        public HostAddressesMoved {
            addresses = List.copyOf(addresses);
        }
    }

    /** Addresses go back to their pools, or are no longer this host's. */
    record AddressesGone() implements Awaiting {}

    /** As initiator: an SPI for the child that {@code wish} names; in IKE_AUTH or, later, in CREATE_CHILD_SA. */
    record SpiForOffer(Input.Wish wish, boolean inAuth, OptionalInt replaces) implements Awaiting {}

    /** As responder: an SPI for the child that the peer asked for. */
    record SpiForAnswer(ChildAnswer answer) implements Awaiting {}

    /** As initiator: the child that the peer agreed to is being installed. {@code deleted}: the peer has deleted it since. */
    record InstallOfOffer(ChildSa child, boolean deleted) implements Awaiting {
        @Override
        public Optional<ChildSa> installing() {
            return Optional.of(child);
        }
    }

    /** As responder: the child is being installed; then {@code payloads} leave, after those of {@code answer}. */
    record InstallOfAnswer(ChildAnswer answer, ChildSa child, List<Payload> payloads) implements Awaiting {
        @Override
        public Optional<ChildSa> installing() {
            return Optional.of(child);
        }
    }

    /** As responder: children are being removed; then {@code payloads} leave, as the answer to the DELETE. */
    record RemovalForAnswer(List<Payload> payloads) implements Awaiting {}

    /** A change that nothing waits for; {@code what} it is, for the log. */
    record Change(String what) implements Awaiting {}

    /** The policies of a child go to another place in the SPD. */
    record Move(String what) implements Awaiting {}

    /** Did anything leave for the peer lately? If not, a NAT keepalive is due. */
    record UsageForKeepalive() implements Awaiting {}

    /** Where can the peer be reached, now that something has changed? */
    record Ways() implements Awaiting {}

    /** Children go to other addresses; {@code before}: as they were. {@code tell}: the peer, afterwards. */
    record Relocation(List<ChildSa> before, boolean tell) implements Awaiting {
        public Relocation {
            before = List.copyOf(before);
        }
    }

    /** Has a limit been reached of which the data plane's word was lost? */
    record UsageForLimits() implements Awaiting {}

    /** When did something last pass through the child? */
    record UsageForIdleness(int serial) implements Awaiting {}

    /** Did the data plane hear the peer since {@code since}? If not, ask it. */
    record UsageForLiveness(long since) implements Awaiting {}
}
