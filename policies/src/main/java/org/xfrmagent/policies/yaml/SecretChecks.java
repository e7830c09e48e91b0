package org.xfrmagent.policies.yaml;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PskSecret;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Radius;
import org.xfrmagent.policies.model.User;
import org.xfrmagent.policies.secrets.Resolution;
import org.xfrmagent.policies.secrets.SecretReader;

/** Whether the secrets can be had, and whether every peer has one. */
final class SecretChecks {
    private final List<Located<PskSecret>> secrets;
    private final List<Located<User>> users;
    private final Problems problems;

    SecretChecks(List<Located<PskSecret>> secrets, List<Located<User>> users, Problems problems) {
        this.secrets = secrets;
        this.users = users;
        this.problems = problems;
    }

    /** Fetches every secret once, so that a wrong mode is found now and not when the peer calls. */
    void resolve(SecretReader reader) {
        for (Located<PskSecret> secret : secrets) {
            String subject = "secret " + secret.value().ref();
            resolve(reader, secret.value().ref(), subject, secret.at())
                    .ifPresent(sentence -> problems.warning(secret.at(), subject + " " + sentence));
        }
        // A password may be shorter than a key: it is only ever shown to us, and only so often.
        users.forEach(user -> resolve(reader, user.value().password(), "user '" + user.value().name() + "': password", user.at()));
    }

    /** The same for what RADIUS servers and we have. */
    void resolve(SecretReader reader, List<Located<Radius.Server>> servers) {
        for (Located<Radius.Server> server : servers) {
            String subject = "RADIUS server " + server.value().address().getHostAddress() + ": secret";
            resolve(reader, server.value().secret(), subject, server.at())
                    .ifPresent(sentence -> problems.warning(server.at(), subject + " " + sentence));
        }
    }

    /** What is to be said of it as a key. */
    private Optional<String> resolve(SecretReader reader, SecretRef ref, String subject, Position at) {
        switch (reader.resolve(ref)) {
            case Resolution.Found found -> {
                Optional<String> warning = found.warning();
                Arrays.fill(found.octets(), (byte) 0);
                return warning;
            }
            case Resolution.Refused refused -> problems.problem(at, subject + " " + refused.sentence());
            case Resolution.Elsewhere elsewhere -> problems.warning(at, subject + " " + elsewhere.sentence());
        }
        return Optional.empty();
    }

    /** Looks for peers without a secret, two secrets for the same pair, and secrets that nobody needs. */
    void cover(List<Located<Peer>> peers) {
        Set<PskSecret> used = new HashSet<>();
        // Nothing is said of what is loaded, whether it lacks the other or is not used.
        KeyRing ofFiles = new KeyRing(secrets.stream().filter(secret -> !Source.isLoaded(secret.at())).map(Located::value).toList());
        boolean loadedAlone = peers.stream().allMatch(peer -> Source.isLoaded(peer.at()));
        KeyRing all = loadedAlone ? ofFiles : new KeyRing(secrets.stream().map(Located::value).toList());
        for (Located<Peer> located : peers) {
            Peer peer = located.value();
            peer.ppk().ifPresent(ppk -> postquantum(located, ppk.id(), used));
            if (peer.local().auth() != Auth.PSK && peer.remote().auth() != Auth.PSK) {
                continue;
            }
            List<PskSecret> fitting = (Source.isLoaded(located.at()) ? ofFiles : all).fitting(peer.local().id(), peer.remote().id());
            used.addAll(fitting);
            // Who loads a connection over the control socket may load its secret later, or take it away before it.
            if (fitting.isEmpty() && !Source.isLoaded(located.at())) {
                problems.problem(located.at(), "peer '" + peer.name() + "': auth is 'psk', and there is no secret for "
                        + names(peer) + ", expected an entry under 'secrets' with these ids");
            }
        }
        Set<Set<Identity>> owners = new HashSet<>();
        for (Located<PskSecret> secret : secrets) {
            if (!secret.value().postquantum() && !owners.add(new HashSet<>(secret.value().owners()))) {
                problems.problem(secret.at(), "secret " + secret.value().ref()
                        + ": there is another secret with the same ids, expected one");
            } else if (!used.contains(secret.value()) && !Source.isLoaded(secret.at())) {
                problems.warning(secret.at(), "secret " + secret.value().ref() + ": no peer has " + (secret.value().postquantum() ? "a 'ppk' of these ids" : "these ids"));
            }
        }
    }

    private void postquantum(Located<Peer> peer, Identity id, Set<PskSecret> used) {
        List<PskSecret> fitting = secrets.stream().map(Located::value).filter(secret -> secret.isNamed(id)).toList();
        used.addAll(fitting);
        if (fitting.isEmpty() && !Source.isLoaded(peer.at())) {
            problems.problem(peer.at(), "peer '" + peer.value().name() + "': its 'ppk' is " + id
                    + ", and there is no such secret, expected a 'ppk' under 'secrets' with this id");
        }
    }

    private static String names(Peer peer) {
        return Stream.of(peer.local().id(), peer.remote().id()).filter(id -> !(id instanceof Identity.Any))
                .map(Identity::toString).reduce((ours, theirs) -> ours + " and " + theirs).orElse("%any");
    }
}
