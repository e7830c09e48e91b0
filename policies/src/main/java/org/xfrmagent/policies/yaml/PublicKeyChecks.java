package org.xfrmagent.policies.yaml;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import org.xfrmagent.policies.algorithm.NearestWord;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.Text;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.secrets.CertificateFile;
import org.xfrmagent.policies.secrets.CertificateFile.Holding;
import org.xfrmagent.policies.secrets.Resolution;
import org.xfrmagent.policies.secrets.SecretReader;

/** Whether certificates and private keys can be had, and whether every peer that signs has somebody to vouch for it. */
final class PublicKeyChecks {
    private final PublicKeyReader read;
    private final Problems problems;

    PublicKeyChecks(PublicKeyReader read, Problems problems) {
        this.read = read;
        this.problems = problems;
    }

    /** Opens every file once, so that a wrong name, mode or kind of file is found now and not when the peer calls. */
    void resolve(SecretReader reader) {
        read.authorities().forEach(authority -> certificate("authority '" + authority.value().name() + "': certificate ",
                authority.value().certificate(), Holding.CERTIFICATE, authority.at()));
        read.certificates().forEach(each -> certificate("certificate ", each.value(), Holding.CERTIFICATE, each.at()));
        read.crls().forEach(each -> certificate("CRL ", each.value(), Holding.CRL, each.at()));
        read.attributes().forEach(each -> certificate("attribute certificate ", each.value(), Holding.ATTRIBUTES, each.at()));
        read.open().forEach(each -> certificate("public key ", each.value(), Holding.PUBLIC_KEY, each.at()));
        read.keys().forEach(key -> key(reader, "key ", key.value().passphrase().isPresent() ? Holding.LOCKED_KEY : Holding.PRIVATE_KEY, key));
        read.containers().forEach(each -> key(reader, "PKCS #12 ", Holding.CONTAINER, each));
    }

    private void certificate(String noun, CertificateRef ref, Holding holding, Position at) {
        switch (ref) {
            case CertificateRef.FromFile(var path) ->
                CertificateFile.objection(path, holding).ifPresent(sentence -> problems.problem(at, noun + ref + " " + sentence));
            case CertificateRef.InToken _ when holding != Holding.CERTIFICATE ->
                problems.problem(at, noun + ref + " is in a token, of which only certificates and private keys are read, expected file:PATH");
            case CertificateRef.InToken _, CertificateRef.Loaded _ -> {}
        }
    }

    private void key(SecretReader reader, String noun, Holding holding, Located<PrivateKeyRef> key) {
        String subject = noun + key.value() + " ";
        switch (reader.privateKey(key.value().from())) {
            case Resolution.Found found -> {
                switch (key.value().from()) {
                    // What a client loaded, the socket has looked at.
                    case SecretRef.Loaded _ -> {}
                    // Only the agent asks a token: each wrong PIN counts.
                    case SecretRef.InToken _ when holding == Holding.CONTAINER ->
                        problems.problem(key.at(), subject + "is a key in a token, expected a container of PKCS #12");
                    case SecretRef.InToken _ -> {}
                    case SecretRef.FromFile _, SecretRef.FromCredential _, SecretRef.FromEnvironment _ ->
                        CertificateFile.objection(found.octets(), holding).ifPresent(sentence -> problems.problem(key.at(), subject + sentence));
                }
                Arrays.fill(found.octets(), (byte) 0);
            }
            case Resolution.Refused refused -> problems.problem(key.at(), subject + refused.sentence());
            case Resolution.Elsewhere elsewhere -> problems.warning(key.at(), subject + elsewhere.sentence());
        }
        key.value().passphrase().ifPresent(passphrase -> {
            switch (reader.resolve(passphrase)) {
                case Resolution.Found found -> Arrays.fill(found.octets(), (byte) 0);
                case Resolution.Refused refused -> problems.problem(key.at(), subject + "has a passphrase " + passphrase + ", which " + refused.sentence());
                case Resolution.Elsewhere elsewhere ->
                    problems.warning(key.at(), subject + "has a passphrase " + passphrase + ", which " + elsewhere.sentence());
            }
        });
    }

    /** Looks for sides that sign and have nothing to sign or to be believed with, and for authorities that nobody needs. */
    void cover(List<Located<Peer>> peers) {
        List<String> names = read.names();
        Set<String> used = new HashSet<>();
        for (Located<Peer> located : peers) {
            Peer peer = located.value();
            if (CertificationReader.signs(peer.local(), peer.remote())) {
                own(located);
            }
            if (CertificationReader.signs(peer.remote(), peer.local())) {
                List<String> wanted = peer.remote().certification().authorities();
                wanted.stream().filter(Predicate.not(names::contains)).forEach(name -> unknown(located, name, names));
                boolean pinned = !peer.remote().certification().certificates().isEmpty() || peer.remote().certification().isByPublicKey();
                used.addAll(wanted.isEmpty() && !pinned ? names : wanted);
                if (!peer.remote().groups().isEmpty() && !peer.remote().eap().isRelayed() && read.read().attributeAuthorities().isEmpty() && !Source.isLoaded(located.at())) {
                    problems.warning(located.at(), "peer '" + peer.name() + "': remote has 'groups', and nobody is believed about those, so that it is refused, "
                            + "expected an entry under 'attribute-authorities'");
                }
                if (!pinned && wanted.isEmpty() && names.isEmpty() && !Source.isLoaded(located.at())) {
                    problems.problem(located.at(), "peer '" + peer.name() + "': remote auth is '" + peer.remote().auth().word() + "', and there is nobody to vouch for it, "
                            + "expected an entry under 'authorities', or its 'certificate' or 'public-key'");
                }
            }
        }
        for (Located<Authority> authority : read.authorities()) {
            if (!used.contains(authority.value().name()) && !Source.isLoaded(authority.at())) {
                problems.warning(authority.at(), "authority '" + authority.value().name() + "': no peer's certificate can be of it");
            }
        }
    }

    private void own(Located<Peer> located) {
        // Who loads a connection over the control socket may load its key later, or take it away before it.
        if (Source.isLoaded(located.at())) {
            return;
        }
        String subject = "peer '" + located.value().name() + "': local auth is '" + located.value().local().auth().word() + "', and ";
        Certification ours = located.value().local().certification();
        if (ours.certificates().isEmpty() && !ours.isByPublicKey() && read.read().certificates().isEmpty() && read.containers().isEmpty()) {
            problems.problem(located.at(), subject + "there is no certificate of ours, expected 'certificate' or 'public-key' there, or one under "
                    + "'certificates'");
        }
        if (read.keys().isEmpty() && read.containers().isEmpty()) {
            problems.problem(located.at(), subject + "there is no private key, expected 'key' beside its certificate, or one under 'keys'");
        }
    }

    private void unknown(Located<Peer> peer, String name, List<String> names) {
        String hint = NearestWord.to(name, names).map(word -> "; did you mean '" + word + "'?")
                .orElse(names.isEmpty() ? ", there are none under 'authorities'" : ", expected " + Text.or(names.stream().limit(10).toList()));
        problems.problem(peer.at(), "peer '" + peer.value().name() + "': remote authorities has '" + name + "', and there is no such authority" + hint);
    }
}
