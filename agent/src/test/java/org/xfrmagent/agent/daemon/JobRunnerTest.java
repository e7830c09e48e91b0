package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.fake.FakeDataPlane;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Side;

class JobRunnerTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();

    private final FakeDataPlane plane = new FakeDataPlane();
    private static final JobRunner.OwnAddresses NO_ADDRESSES = new JobRunner.OwnAddresses() {
        @Override
        public void take(List<InetAddress> addresses, InetAddress gateway, List<AddressRange> behind) throws IOException {
            throw new IOException("no address is given here");
        }

        @Override
        public void giveBack(List<InetAddress> addresses) {}
    };

    private final JobRunner jobs = new JobRunner(plane, _ -> new Result.WaysFound(List.of(), List.of(), Result.Standing.GOOD), NO_ADDRESSES, true);
    private final BlockingQueue<Result> results = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        jobs.close();
    }

    private Result next() throws InterruptedException {
        return Optional.ofNullable(results.poll(10, TimeUnit.SECONDS)).orElseThrow(() -> new AssertionError("no result"));
    }

    private static SaSpec sa(Secret key) {
        var gcm = Algorithms.byKeyword("aes128gcm16").orElseThrow();
        return new SaSpec(
                new SaId(SUN, Protocol.ESP, 1000), MOON, Direction.OUT, Mode.TUNNEL, 1, new SaKeys.Aead(gcm, key), Optional.empty(), 0,
                false, SaLimits.NONE, Optional.empty(), OptionalInt.empty());
    }

    @Test
    void everySpiComesWithASerialOfItsOwn() throws InterruptedException {
        Job job = new Job.AllocateSpi(new SpiRequest(SUN, MOON, Protocol.ESP, Mode.TUNNEL, 1), false);
        jobs.run(1, job, results::add);
        jobs.run(2, job, results::add);
        assertThat(List.of(next(), next()))
                .extracting(result -> ((Result.SpiAllocated) result).serial())
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void jobsOfOneSessionKeepTheirOrderAndDoNotHoldUpOthers() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        jobs.run(1, new Job.ReadUsage(Set.of()), result -> {
            try {
                gate.await();
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
            results.add(result);
        });
        jobs.run(1, new Job.Apply(List.of()), results::add);
        jobs.run(2, new Job.ReadUsage(Set.of()), results::add);
        assertThat(next()).as("of the other session").isInstanceOf(Result.UsageRead.class);
        gate.countDown();
        assertThat(next()).isInstanceOf(Result.UsageRead.class);
        assertThat(next()).isInstanceOf(Result.Installed.class);
    }

    /** A smartcard that hangs, and one that refuses. */
    @Test
    void aTokenHoldsUpItsOwnSessionAndNoOther() throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        jobs.run(1, new Job.Sign(new Card(() -> {
            try {
                gate.await();
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        }), SignatureScheme.ECDSA_SHA256, Bytes.empty()), results::add);
        jobs.run(2, new Job.Sign(new Card(() -> {
            throw new CannotSign("the token in slot 0 was removed");
        }), SignatureScheme.ECDSA_SHA256, Bytes.empty()), results::add);
        assertThat(next()).isEqualTo(new Result.Failed("the token in slot 0 was removed"));
        gate.countDown();
        assertThat(next()).isEqualTo(new Result.Signed(Bytes.hex("5167")));
    }

    private record Card(Runnable before) implements TokenKey {
        @Override
        public Bytes publicKey() {
            return Bytes.empty();
        }

        @Override
        public boolean signsBy(SignatureScheme scheme) {
            return true;
        }

        @Override
        public SignatureScheme.Key kind() {
            return SignatureScheme.Key.ECDSA;
        }

        @Override
        public int bits() {
            return 256;
        }

        @Override
        public Bytes sign(SignatureScheme scheme, Bytes octets) {
            before.run();
            return Bytes.hex("5167");
        }
    }

    @Test
    void aRefusalIsAResultAndWhatTheKernelHasIsWipedHere() throws InterruptedException {
        Secret taken = Secret.take(new byte[20]);
        jobs.run(1, new Job.Apply(List.of(new Operation.AddSa(sa(taken)))), results::add);
        assertThat(next()).isEqualTo(new Result.Installed(new Outcome.Applied()));
        assertThat(taken.isWiped()).isTrue();
        Secret refused = Secret.take(new byte[20]);
        plane.refuse(_ -> Optional.of("the kernel says no"));
        jobs.run(1, new Job.Apply(List.of(new Operation.AddSa(sa(refused)))), results::add);
        assertThat(next()).isInstanceOfSatisfying(
                Result.Installed.class, result -> assertThat(result.outcome()).isInstanceOf(Outcome.Refused.class));
        assertThat(refused.isWiped()).isTrue();
    }

    @Test
    void aBrokenPlaneFailsTheJobAndNotTheThread() throws InterruptedException {
        plane.refuse(_ -> {
            throw new IllegalStateException("broken");
        });
        jobs.run(1, new Job.Apply(List.of(new Operation.RemoveSa(new SaId(SUN, Protocol.ESP, 1)))), results::add);
        assertThat(next()).isInstanceOfSatisfying(Result.Failed.class, failed -> assertThat(failed.reason()).contains("broken"));
        jobs.run(1, new Job.ReadUsage(Set.of()), results::add);
        assertThat(next()).isInstanceOf(Result.UsageRead.class);
    }

    @Test
    @DisplayName("R14: a certificate is judged, and others are asked about it, on a thread of the job's own")
    void aCertificateIsJudgedOnAThreadOfItsOwn() throws InterruptedException {
        BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
        Credentials credentials = new Credentials() {
            @Override
            public Optional<Secret> psk(Identity local, Identity remote) {
                return Optional.empty();
            }

            @Override
            public Optional<String> objection(Peer peer, Identity remote, List<Bytes> certificates) {
                threads.add(Thread.currentThread());
                return certificates.isEmpty() ? Optional.of("no certificate was shown") : Optional.empty();
            }
        };
        Side side = new Side(List.of(Host.any()), 500, Identity.any(), Auth.PUBKEY);
        Peer peer = Peer.of("sun", side, side);
        jobs.run(1, new Job.VerifyChain(credentials, peer, Identity.any(), List.of(Bytes.empty())), results::add);
        assertThat(next()).isEqualTo(new Result.ChainVerified());
        jobs.run(1, new Job.VerifyChain(credentials, peer, Identity.any(), List.of()), results::add);
        assertThat(next()).isEqualTo(new Result.Failed("no certificate was shown"));
        assertThat(threads).hasSize(2).allMatch(Thread::isVirtual);
    }
}
