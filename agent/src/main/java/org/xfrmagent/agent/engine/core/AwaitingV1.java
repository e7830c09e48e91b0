package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.ProposalPayload;

/** What an IKEv1 session does when a job is done. */
public sealed interface AwaitingV1 extends Awaiting {
    /** The policy whose child it is about, if it is about one. */
    String policy();

    /** As initiator of quick mode: an SPI for the child that {@code wish} names. */
    record SpiForOffer(Input.Wish wish, OptionalInt replaces) implements AwaitingV1 {
        @Override
        public String policy() {
            return wish.policy();
        }
    }

    /** As responder: an SPI for the child that the peer asked for. */
    record SpiForAnswer(QuickAnswer quick) implements AwaitingV1 {
        @Override
        public String policy() {
            return quick.answer().profile().name();
        }
    }

    /** As initiator: the child that the peer agreed to is being installed. {@code deleted}: the peer has deleted it since. */
    record InstallOfOffer(int messageId, ChildSa child, boolean deleted) implements AwaitingV1 {
        @Override
        public Optional<ChildSa> installing() {
            return Optional.of(child);
        }

        @Override
        public String policy() {
            return child.name();
        }
    }

    /** As responder: the child is being installed; then HASH(2) leaves. */
    record InstallOfAnswer(QuickAnswer quick, ChildSa child) implements AwaitingV1 {
        @Override
        public Optional<ChildSa> installing() {
            return Optional.of(child);
        }

        @Override
        public String policy() {
            return child.name();
        }
    }

    /**
     * The peer asks for an address; then the reply leaves.
     *
     * @param request its payload
     * @param iv of our reply
     */
    record Lease(int messageId, AttributesPayload request, Bytes iv) implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /** An address that the peer is told unasked. */
    record LeaseToTell() implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /** This host is being made to have the address that the peer has given us. */
    record Taking(List<InetAddress> addresses) implements AwaitingV1 {
        public Taking {
            addresses = List.copyOf(addresses);
        }

        @Override
        public String policy() {
            return "";
        }
    }

    /** An address goes back to its pool, or is no longer this host's. */
    record Release() implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /** Is the certificate with which the peer has signed its own? */
    record Vetted() implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /** As gateway: has the user of this name shown its password? */
    record UserJudged(String user) implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /** Did the data plane hear the peer since {@code since}? If not, ask it. */
    record UsageForLiveness(long since) implements AwaitingV1 {
        @Override
        public String policy() {
            return "";
        }
    }

    /**
     * A quick mode that we are going to answer.
     *
     * @param chosen the peer's proposal with the one transform that we take, to be sent back unchanged but for the SPI
     * @param ids those of the request, repeated in the answer
     * @param udp whether ESP is to go in UDP
     * @param seconds after which the peer ends the SA
     * @param kilobytes likewise; 0: it does not say
     * @param iv of our answer
     * @param compression the peer's proposal of that, likewise
     */
    record QuickAnswer(
            int messageId, ChildAnswer answer, ProposalPayload chosen, List<IdPayload> ids, boolean udp, long seconds, long kilobytes,
            Bytes iv, Optional<ProposalPayload> compression) {
        public QuickAnswer {
            ids = List.copyOf(ids);
        }

        /** The same once its keys are derived. */
        public QuickAnswer keyed() {
            return new QuickAnswer(messageId, answer.keyed(), chosen, ids, udp, seconds, kilobytes, iv, compression);
        }
    }
}
