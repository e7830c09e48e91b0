package org.xfrmagent.agent.tls;

import java.io.ByteArrayInputStream;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapGrant;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.eap.MalformedEap;
import org.xfrmagent.agent.tls.TlsFragments.Piece;

/**
 * One conversation of EAP-TLS (RFC 5216 for TLS 1.2, RFC 9190 for TLS 1.3), at either end.
 *
 * <pre>
 *   &lt;--  Start                              with TLS 1.3 behind the handshake:
 *        ClientHello                   --&gt;      &lt;--  a sealed octet 00: the server is satisfied
 *   &lt;--  ServerHello ... Finished
 *        Certificate ... Finished      --&gt;
 *   &lt;--  (Finished)
 *        nothing                       --&gt;
 * </pre>
 *
 * <p>Long flights go in pieces. The one whose certificate the other end shows is who it is.
 */
public final class EapTls {
    private static final int MSK_AND_EMSK = 2 * EapProof.MSK_OCTETS;
    private static final Bytes SATISFIED = Bytes.of((byte) 0);
    private static final Bytes ACKNOWLEDGEMENT = Bytes.of((byte) 0);
    private static final String LABEL_1_2 = "client EAP encryption";
    private static final String LABEL_1_3 = "EXPORTER_EAP_TLS_Key_Material";

    private final boolean server;
    private final TlsTunnel tunnel;
    private final TlsFragments fragments = new TlsFragments();
    private final Judge judge;
    private boolean satisfied;

    /** Says who shows a chain. */
    @FunctionalInterface
    public interface Vouching {
        Verdict of(List<Bytes> chain);
    }

    /** About a chain. */
    public sealed interface Verdict {
        record Is(String identity) implements Verdict {}

        /** @param reason a sentence */
        record Refused(String reason) implements Verdict {}
    }

    /** Remembers who it was. */
    private static final class Judge implements Function<List<Bytes>, Optional<String>> {
        private final Vouching vouching;
        private Optional<String> identity = Optional.empty();
        private Optional<String> objection = Optional.empty();

        Judge(Vouching vouching) {
            this.vouching = vouching;
        }

        @Override
        public Optional<String> apply(List<Bytes> chain) {
            switch (vouching.of(chain)) {
                case Verdict.Is(String who) -> identity = Optional.of(who);
                case Verdict.Refused(String reason) -> objection = Optional.of(reason);
            }
            return objection;
        }
    }

    /** @param versions of TLS, as the JDK names them */
    EapTls(boolean server, List<String> versions, List<Bytes> chain, PrivateKey key, Vouching vouching) {
        this.server = server;
        this.judge = new Judge(vouching);
        this.tunnel = TlsTunnel.open(!server, versions, new TlsCredentials.Own(certificates(chain), Optional.of(key)), new TlsCredentials.Believed(judge));
    }

    /**
     * @param chain ours, DER, the end's first
     * @param key of the first
     */
    public static EapTls server(List<Bytes> chain, PrivateKey key, Vouching vouching) {
        return new EapTls(true, TlsTunnel.VERSIONS, chain, key, vouching);
    }

    public static EapTls peer(List<Bytes> chain, PrivateKey key, Vouching vouching) {
        return new EapTls(false, TlsTunnel.VERSIONS, chain, key, vouching);
    }

    private static List<X509Certificate> certificates(List<Bytes> chain) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> read = new ArrayList<>();
            for (Bytes der : chain) {
                read.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der.toArray())));
            }
            return read;
        } catch (CertificateException ours) {
            throw new IllegalArgumentException("a certificate of ours cannot be read any more", ours);
        }
    }

    /** The gateway's first request. */
    public EapWork.Result start() {
        return new EapWork.Result.Said(Bytes.of((byte) TlsFragments.START));
    }

    /** What the other end's data brings; whatever it is, nothing is thrown. */
    public EapWork.Result next(Bytes data) {
        try {
            return heard(Piece.read(data));
        } catch (MalformedEap misshapen) {
            return new EapWork.Result.Refused(misshapen.why());
        }
    }

    private EapWork.Result heard(Piece piece) {
        if (piece.isStart()) {
            return server ? new EapWork.Result.Refused("a peer of EAP-TLS says start") : flight(Bytes.empty());
        }
        if (fragments.hasMoreToSend()) {
            return piece.isAcknowledgement()
                    ? new EapWork.Result.Said(fragments.next())
                    : new EapWork.Result.Refused("a piece of EAP-TLS is not acknowledged but answered");
        }
        if (piece.isAcknowledgement()) {
            return acknowledged();
        }
        fragments.take(piece);
        return piece.hasMore() ? new EapWork.Result.Said(ACKNOWLEDGEMENT) : flight(fragments.taken());
    }

    /** All that we said was heard, and there is nothing to add. */
    private EapWork.Result acknowledged() {
        if (tunnel.broken().isPresent()) {
            return new EapWork.Result.Refused(reason());
        }
        return server && tunnel.isOpen() ? proven(Optional.empty()) : new EapWork.Result.Refused("EAP-TLS: nothing came where TLS has to go on");
    }

    private EapWork.Result flight(Bytes in) {
        TlsTunnel.Flight flight = tunnel.take(in);
        if (tunnel.broken().isPresent()) {
            // A user who hears the alert knows why. A gateway would answer ours with a refusal that says less than we know.
            return server && !flight.out().isEmpty() ? new EapWork.Result.Said(fragments.send(flight.out())) : new EapWork.Result.Refused(reason());
        }
        if (!tunnel.isOpen()) {
            return flight.out().isEmpty()
                    ? new EapWork.Result.Refused("EAP-TLS: a flight of TLS is incomplete")
                    : new EapWork.Result.Said(fragments.send(flight.out()));
        }
        boolean latest = tunnel.version().equals(TlsTunnel.TLS_1_3);
        if (server) {
            Bytes last = latest && !satisfied ? Bytes.concat(flight.out(), tunnel.seal(SATISFIED)) : flight.out();
            satisfied = true;
            return last.isEmpty() ? proven(Optional.empty()) : new EapWork.Result.Said(fragments.send(last));
        }
        // RFC 9190, section 2.1.1: until the server is satisfied a handshake of TLS 1.3 says nothing about us.
        satisfied |= !latest || flight.text().equals(SATISFIED);
        if (!flight.out().isEmpty()) {
            return new EapWork.Result.Said(fragments.send(flight.out()));
        }
        return satisfied ? proven(Optional.of(ACKNOWLEDGEMENT)) : new EapWork.Result.Said(ACKNOWLEDGEMENT);
    }

    private EapWork.Result proven(Optional<Bytes> lastWord) {
        Optional<String> identity = judge.identity;
        if (identity.isEmpty()) {
            return new EapWork.Result.Refused("EAP-TLS: no certificate was shown");
        }
        boolean latest = tunnel.version().equals(TlsTunnel.TLS_1_3);
        Bytes type = latest ? Bytes.of((byte) EapType.TLS.number()) : Bytes.empty();
        return tunnel.export(latest ? LABEL_1_3 : LABEL_1_2, type, MSK_AND_EMSK)
                .<EapWork.Result>map(both -> {
                    Secret msk = both.slice(0, EapProof.MSK_OCTETS);
                    both.wipe();
                    return new EapWork.Result.Proven(new EapProof(identity.get(), EapType.TLS, Optional.of(msk), EapGrant.NONE), lastWord);
                })
                .orElseGet(() -> new EapWork.Result.Refused("EAP-TLS: the other end has " + tunnel.version()
                        + " without the extended master secret, so no key may be taken from it (RFC 7627, section 5.4): expected that, or TLSv1.3"));
    }

    private String reason() {
        return "EAP-TLS: " + judge.objection.or(tunnel::broken).orElse("TLS was refused");
    }
}
