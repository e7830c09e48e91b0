package org.xfrmagent.agent.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapWork.Result;
import org.xfrmagent.agent.tls.EapTls.Verdict;
import org.xfrmagent.agent.tls.EapTls.Vouching;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;

/** RFC 5216 and RFC 9190: two ends who hand each other their data. */
class EapTlsTest {
    private static final Holder ROOT = TestPki.authority("CN=Root").selfSigned();
    private static final Vouching ANYBODY = chain -> new Verdict.Is(chain.size() + " certificates");

    /** What both came to. */
    private record Talk(Result server, Result peer, int rounds) {}

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothHaveTheSameKeyAndKnowWhoTheOtherIs(String version) {
        Talk talk = run(end(true, version, "CN=moon", ANYBODY), end(false, version, "CN=carol", ANYBODY));
        EapProof atServer = ((Result.Proven) talk.server()).proof();
        EapProof atPeer = ((Result.Proven) talk.peer()).proof();
        assertThat(atServer.identity()).isEqualTo("1 certificates");
        assertThat(atPeer.identity()).isEqualTo("1 certificates");
        assertThat(atServer.msk().orElseThrow()).isEqualTo(atPeer.msk().orElseThrow());
        assertThat(atServer.msk().orElseThrow().length()).isEqualTo(EapProof.MSK_OCTETS);
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, names = {"RSA_2048", "P384", "ED25519"})
    void everyKindOfKeyServes(KeyKind kind) {
        assertThat(run(end(true, "TLSv1.3", kind, "CN=moon", ANYBODY), end(false, "TLSv1.3", kind, "CN=carol", ANYBODY)).server())
                .isInstanceOf(Result.Proven.class);
    }

    /** A chain of three with RSA 4096 does not fit a piece of 1024 octets. */
    @Test
    void longFlightsGoInPieces() {
        Holder middle = TestPki.authority("CN=Middle").key(KeyKind.RSA_4096).issuedBy(ROOT);
        Holder moon = TestPki.end("CN=moon").key(KeyKind.RSA_4096).dns("moon.example.org").issuedBy(middle);
        EapTls server = new EapTls(true, TlsTunnel.VERSIONS, List.of(moon.der(), middle.der()), moon.keys().getPrivate(), ANYBODY);
        Talk talk = run(server, end(false, "TLSv1.2", "CN=carol", ANYBODY));
        assertThat(((Result.Proven) talk.peer()).proof().identity()).isEqualTo("2 certificates");
        assertThat(talk.rounds()).isGreaterThan(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoIsNotBelievedIsRefusedByName(String version) {
        Vouching nobody = _ -> new Verdict.Refused("'CN=carol' was revoked");
        Talk atServer = run(end(true, version, "CN=moon", nobody), end(false, version, "CN=carol", ANYBODY));
        assertThat(atServer.server()).isEqualTo(new Result.Refused("EAP-TLS: 'CN=carol' was revoked"));
        assertThat(atServer.peer()).isEqualTo(new Result.Refused("EAP-TLS: (certificate_unknown) Received fatal alert: certificate_unknown"));
        Talk atPeer = run(end(true, version, "CN=moon", ANYBODY), end(false, version, "CN=carol", nobody));
        assertThat(atPeer.peer()).isEqualTo(new Result.Refused("EAP-TLS: 'CN=carol' was revoked"));
    }

    @Test
    void octetsThatAreNoTlsAreRefusedAndNothingIsThrown() {
        Random random = new Random(5);
        for (int seed = 0; seed < 40; seed++) {
            EapTls server = end(true, "TLSv1.3", "CN=moon", ANYBODY);
            EapTls peer = end(false, "TLSv1.3", "CN=carol", ANYBODY);
            int mutated = random.nextInt(4);
            Result said = server.start();
            for (int round = 0; round < 12 && said instanceof Result.Said(Bytes data); round++) {
                Bytes sent = round == mutated ? mutate(data, random) : data;
                said = round % 2 == 0 ? peer.next(sent) : server.next(sent);
            }
            assertThat(said).isNotNull();
        }
    }

    @Test
    void piecesAreBounded() {
        for (String octets : List.of("", "80", "8000", "80 00010001 00", "80 00000001 0000", "40", "c0 00000000")) {
            assertThat(end(true, "TLSv1.3", "CN=moon", ANYBODY).next(Bytes.hex(octets))).as(octets).isInstanceOf(Result.Refused.class);
        }
        EapTls server = end(true, "TLSv1.3", "CN=moon", ANYBODY);
        Bytes piece = Bytes.concat(Bytes.hex("40"), Bytes.of(new byte[60_000]));
        assertThat(server.next(piece)).isInstanceOf(Result.Said.class);
        assertThat(server.next(piece)).isInstanceOf(Result.Refused.class);
    }

    private static Bytes mutate(Bytes data, Random random) {
        byte[] octets = data.toArray();
        octets[random.nextInt(octets.length)] ^= (byte) (1 << random.nextInt(8));
        return Bytes.wrap(octets).slice(0, random.nextInt(4) == 0 ? random.nextInt(octets.length) : octets.length);
    }

    private static Talk run(EapTls server, EapTls peer) {
        List<Result> atServer = new ArrayList<>(List.of(server.start()));
        List<Result> atPeer = new ArrayList<>();
        while (atServer.getLast() instanceof Result.Said(Bytes request)) {
            atPeer.add(peer.next(request));
            Bytes response = switch (atPeer.getLast()) {
                case Result.Said(Bytes data) -> data;
                case Result.Proven(_, var last) -> last.orElseThrow();
                // Its last word is nothing: whoever waits for one hears an acknowledgement.
                case Result.Refused _, Result.Rejected _, Result.Relayed _, Result.LetIn _ -> Bytes.of((byte) 0);
            };
            atServer.add(server.next(response));
        }
        return new Talk(atServer.getLast(), atPeer.getLast(), atServer.size());
    }

    private static EapTls end(boolean server, String version, String subject, Vouching vouching) {
        return end(server, version, KeyKind.P256, subject, vouching);
    }

    private static EapTls end(boolean server, String version, KeyKind kind, String subject, Vouching vouching) {
        Holder holder = TestPki.end(subject).key(kind).issuedBy(ROOT);
        return new EapTls(server, List.of(version), List.of(holder.der()), holder.keys().getPrivate(), vouching);
    }
}
